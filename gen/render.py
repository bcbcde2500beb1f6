"""Render: Model → Bundle, through templates in which every expression is one word.

`{{ }}` goes through the proxy's `literal` and between two marks; once a template is rendered, the proxy's `check`
proves that each marked stretch is one token, and takes the marks away. Blocks (an upstream, a server) are rendered,
checked and remembered by themselves: one that did not change costs nothing. So does the skeleton around them, for as
long as all that it asked of the view has the same answer.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import chain
from operator import attrgetter
from typing import Any

import jinja2
from markupsafe import Markup

from gen import table
from gen.bundle import PLACEHOLDER, Bundle, File
from gen.errors import TemplateError
from gen.memo import Memo
from gen.model import Model
from gen.proxies import Proxy

RELEASE = "release.json"
OPEN, CLOSE, INSERT = "\x01", "\x02", "\x03"


class Renderer:
    """The templates of one proxy. Keep it between updates: it remembers the blocks."""

    def __init__(self, proxy: Proxy, loader: jinja2.BaseLoader, memo: Memo | None = None) -> None:
        self.proxy = proxy
        self.memo = memo or Memo()
        self.inserts: list[str | Blocks] = []
        self.skeleton: Skeleton | None = None
        self.environment = jinja2.Environment(
            loader=loader,
            autoescape=True,
            finalize=self._spell,
            undefined=jinja2.StrictUndefined,
            keep_trailing_newline=True,
            auto_reload=False,
        )
        self.environment.globals.update(self.proxy.words, block=self._block, blocks=self._blocks, slot=self._slot)
        self._policies: dict[str, jinja2.environment.TemplateModule] = {}

    def render(self, model: Model) -> Bundle:
        """All files of a model that the proxy fits. Raises TemplateError."""
        view = self.proxy.view(model, self.memo)
        if self.skeleton is None or not self.skeleton.holds(view):
            self.skeleton = self._skeleton(view)
        parts = [piece if isinstance(piece, str) else self._all(piece, view) for piece in self.skeleton.pieces]
        texts = [part.encode() if isinstance(part, str) else part.content for part in parts]
        others = self.proxy.files(view)
        digest = self._digest(self.skeleton, parts, others, model)
        is_own = self.proxy.signed == self.proxy.main
        whole = b"".join(_signed(texts, self.skeleton, digest) if is_own else texts)
        main = File(name=self.proxy.main, content=whole, private=self.proxy.is_private)
        signed = (_signed_file(file, digest) if file.name == self.proxy.signed else file for file in others)
        release = File(name=RELEASE, content=table.to_json(model, self.memo))
        files = tuple(sorted((main, *signed, release), key=lambda file: file.name))
        pieces = chain.from_iterable((part,) if isinstance(part, str) else part.texts for part in parts)
        return Bundle(main=self.proxy.main, files=files, digest=digest, pieces=() if is_own else tuple(pieces))

    def _skeleton(self, view: object) -> Skeleton:
        """The main file without the blocks that an update may change."""
        self.inserts = []
        reading = Reading(view)
        text = self._text(f"{self.proxy.name}/{self.proxy.main}.j2", view=reading, digest=PLACEHOLDER)
        parts = re.split(f"{INSERT}([0-9]+){INSERT}", text)
        pieces = (self.inserts[int(part)] if number % 2 else part for number, part in enumerate(parts))
        return Skeleton(pieces=tuple(pieces), answers=tuple(reading.answers.items()))

    def _all(self, blocks: Blocks, view: object) -> Written:
        """The text of all blocks of a kind."""
        items = getattr(view, blocks.name)
        slot = ("blocks", blocks.kind, blocks.name)
        texts = self.memo.each(slot, partial(self._render_block, blocks.kind), items, key=attrgetter("slot"))
        return self.memo(("text", *slot), _written, texts)

    def _digest(self, skeleton: Skeleton, parts: Sequence[str | Written], files: Iterable[File], model: Model) -> str:
        """Over everything that the proxy reads: its files, and the certificates that it only names (not the
        generated one, which is another one on each machine)."""
        known = hashlib.sha256(skeleton.digest)
        for piece, part in zip(skeleton.pieces, parts, strict=True):
            if isinstance(part, Written):
                known.update(self.memo(("digest", piece), _hashed_all, part))
        known.update(b"".join(self.memo.each("digests", _of_file, files, key=attrgetter("name"))))
        for certificate in model.certificates:
            if not certificate.is_default:
                known.update(f"\x00{certificate.name}\x00{certificate.fingerprint}".encode())
        return known.hexdigest()

    def _text(self, template: str, **facts: object) -> str:
        try:
            return self.proxy.check(self.environment.get_template(template).render(**facts))
        except TemplateError as error:
            inner = str(error).startswith("template ")  # a block's own template is named already
            raise TemplateError(str(error) if inner else f"template {template}: {error}") from error
        except jinja2.TemplateSyntaxError as error:
            raise TemplateError(f"template {error.name}:{error.lineno}: {error.message}") from error
        except jinja2.TemplateNotFound as error:
            raise TemplateError(f"template {error.name} does not exist") from error
        except jinja2.TemplateError as error:
            raise TemplateError(f"template {template}: {error.message}") from error

    def _spell(self, value: object) -> Markup:
        if isinstance(value, Markup):
            return value
        if isinstance(value, jinja2.Undefined):
            str(value)
        return Markup(f"{OPEN}{self.proxy.literal(value)}{CLOSE}")

    def _block(self, kind: str, it: Any) -> Markup:
        """A block of the configuration, from the memo where nothing of it changed."""
        text = self.memo(("block", kind, it.slot), self._render_block, kind, it)
        self.inserts.append(text)
        return Markup(f"{INSERT}{len(self.inserts) - 1}{INSERT}")

    def _blocks(self, kind: str, name: str) -> Markup:
        """The blocks of all that the view has under a name. Unlike `block`, this does not tie the skeleton to them."""
        self.inserts.append(Blocks(kind, name))
        return Markup(f"{INSERT}{len(self.inserts) - 1}{INSERT}")

    def _render_block(self, kind: str, it: object) -> str:
        return self._text(f"{self.proxy.name}/{kind}.j2", it=it).rstrip("\n")

    def _slot(self, slot: str, it: Any, *more: object) -> Markup:
        """What the policies of a route or an upstream write in one place, in their order; `more` goes to each."""
        if slot not in self.proxy.slots:
            raise TemplateError(f"{slot!r} is not a slot of {self.proxy.name}: {', '.join(self.proxy.slots)}")
        written = Markup("")
        for policy in it.policies:
            macro = getattr(self._module(policy.name), slot, None)
            if macro is not None:
                written += macro(policy, it, *more)
        return written

    def _module(self, policy: str) -> jinja2.environment.TemplateModule:
        if policy not in self._policies:
            template = self.environment.get_template(f"{self.proxy.name}/policies/{policy}.j2")
            self._policies[policy] = template.module
        return self._policies[policy]


@dataclass(frozen=True, slots=True)
class Blocks:
    """Where the blocks of a kind go: one for each of what the view has under `name`."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """All blocks of a kind, one by one; together they are made when they are asked for, as they would lie in memory
    once more."""

    texts: tuple[str, ...]

    @property
    def content(self) -> bytes:
        return "".join(self.texts).encode()


@dataclass(frozen=True, kw_only=True)
class Skeleton:
    """A main file and the places of its blocks. `answers`: what it is made of, as (name, inputs) with the view's
    answer; inputs are None where it is no method."""

    pieces: tuple[str | Blocks, ...]
    answers: tuple[tuple[Asked, object], ...]

    def holds(self, view: object) -> bool:
        """Whether a view gives the same answers."""
        return all(_answer(view, asked) == answer for asked, answer in self.answers)

    @cached_property
    def digest(self) -> bytes:
        """Of the text, and of where blocks go."""
        return _hashed("\0".join(piece if isinstance(piece, str) else str(piece) for piece in self.pieces).encode())

    @cached_property
    def signature(self) -> int:
        """The piece that tells the digest; -1 where there is none."""
        found = [at for at, piece in enumerate(self.pieces) if isinstance(piece, str) and PLACEHOLDER in piece]
        return found[-1] if found else -1


Asked = tuple[str, tuple[object, ...] | None]


def _answer(view: object, asked: Asked) -> object:
    name, inputs = asked
    found = getattr(view, name)
    return found if inputs is None else found(*inputs)


class Reading:
    """A view that notes what a template asks of it, with the answers."""

    def __init__(self, view: object) -> None:
        self.view = view
        self.answers: dict[Asked, object] = {}

    def __getattr__(self, name: str) -> object:
        found = getattr(self.view, name)
        return partial(self._call, name) if callable(found) else self._note((name, None))

    def _call(self, name: str, *inputs: object) -> object:
        return self._note((name, inputs))

    def _note(self, asked: Asked) -> object:
        self.answers[asked] = _answer(self.view, asked)
        return self.answers[asked]


def _written(texts: tuple[str, ...]) -> Written:
    return Written(texts=texts)


def _hashed_all(written: Written) -> bytes:
    return _hashed(written.content)


def _of_file(file: File) -> bytes:
    return f"\x00{file.name}\x00".encode() + _hashed(file.content)


def _hashed(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _signed(texts: Sequence[bytes], skeleton: Skeleton, digest: str) -> list[bytes]:
    """The main file's texts with the digest in the one that tells it. Raises TemplateError."""
    at = skeleton.signature
    if at < 0:
        raise TemplateError("the skeleton does not print the digest, so no release could be confirmed")
    return [*texts[:at], _told(texts[at], digest), *texts[at + 1 :]]


def _signed_file(file: File, digest: str) -> File:
    return replace(file, content=_told(file.content, digest))


def _told(content: bytes, digest: str) -> bytes:
    before, _, after = content.rpartition(PLACEHOLDER.encode())
    return before + digest.encode() + after
