"""Render: Model → Bundle, through templates in which every expression is one word.

`{{ }}` goes through the proxy's `literal` and between two marks; once a template is rendered, the proxy's `check`
proves that each marked stretch is one token, and takes the marks away. Blocks (an upstream, a server) are rendered,
checked and remembered by themselves: one that did not change costs nothing. So does the skeleton around them, for as
long as all that it asked of the view has the same answer. Where an operator's templates are used, each block is also
searched for the guards of its routes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from operator import attrgetter
from typing import Any

import jinja2
from markupsafe import Markup

from gen import access, table
from gen.bundle import PLACEHOLDER, Bundle, File
from gen.errors import TemplateError
from gen.memo import Memo
from gen.model import Model, Policy
from gen.proxies import Proxy
from gen.proxies.proof import Need, Rendered, key, rendered, without_guards
from gen.render.skeleton import Blocks, Reading, Skeleton, Written, hashed
from gen.render.templates import FAULTS, SHIPPED, Templates, check_own, described, templates

__all__ = ["RELEASE", "SHIPPED", "Renderer", "Templates"]

RELEASE = "release.json"
OPEN, CLOSE, INSERT = "\x01", "\x02", "\x03"
UNMARKED = ("safe", "e", "escape", "forceescape", "tojson", "urlize", "xmlattr")
"""Filters of jinja that would write a value past `literal`, as if it were the template's own text."""


class Renderer:
    """The templates of one proxy. Keep it between updates: it remembers the blocks."""

    def __init__(self, proxy: Proxy, loader: jinja2.BaseLoader, memo: Memo | None = None) -> None:
        self.proxy = proxy
        self.memo = memo or Memo()
        self.inserts: list[str | Blocks] = []
        self.skeleton: Skeleton | None = None
        self.templates = templates(loader)
        self.own = self.templates.of(proxy.name)
        self.is_checked = not self.own
        self.environment = jinja2.Environment(
            loader=self.templates,
            autoescape=True,
            finalize=self._spell,
            undefined=jinja2.StrictUndefined,
            keep_trailing_newline=True,
            auto_reload=False,
        )
        self.environment.globals.update(self.proxy.words, block=self._block, blocks=self._blocks, slot=self._slot)
        for name in UNMARKED:
            del self.environment.filters[name]
        self._policies: dict[str, jinja2.environment.TemplateModule] = {}

    def render(self, model: Model) -> Bundle:
        """All files of a model that the proxy fits. Raises TemplateError."""
        if not self.is_checked:
            self._check_own()
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
        release = File(name=RELEASE, content=self._described(model))
        files = tuple(sorted((main, *signed, release), key=lambda file: file.name))
        pieces = chain.from_iterable((part,) if isinstance(part, str) else part.texts for part in parts)
        return Bundle(main=self.proxy.main, files=files, digest=digest, pieces=() if is_own else tuple(pieces))

    def _described(self, model: Model) -> bytes:
        """The rows and the access facts of a model, with which plans compare."""
        return table.to_json(model, self.memo, more=f', "access": {access.lines(model, self.memo)}')

    def _skeleton(self, view: object) -> Skeleton:
        """The main file without the blocks that an update may change."""
        self.inserts = []
        reading = Reading(view)
        name = f"{self.proxy.name}/{self.proxy.main}.j2"
        text = self._text(name, partial(self.proxy.prove_main, view), view=reading, digest=PLACEHOLDER)
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

    def _text(self, template: str, prove: Callable[[Rendered], None], **facts: object) -> str:
        try:
            marked = self.environment.get_template(template).render(**facts)
            text = self.proxy.check(without_guards(marked) if self.own else marked)
            if self.own:
                prove(rendered(marked))
            return text
        except (TemplateError, jinja2.TemplateError) as error:
            raise described(error, self.templates.file(template)) from error
        except FAULTS as error:
            if not self.own:
                raise
            raise described(error, self.templates.file(template)) from error

    def _check_own(self) -> None:
        """Raise TemplateError for an operator's template of which a part would never be used."""
        try:
            check_own(self.environment, self.templates, self.proxy.name, self.proxy.slots)
        except jinja2.TemplateError as error:
            raise described(error, "") from error
        self.is_checked = True

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
        prove = partial(self.proxy.prove, it, needs=self._needs)
        return self._text(f"{self.proxy.name}/{kind}.j2", prove, it=it).rstrip("\n")

    def _slot(self, slot: str, it: Any, *more: object) -> Markup:
        """What the policies of a route or an upstream write in one place, in their order; `more` goes to each."""
        if slot not in self.proxy.slots:
            raise TemplateError(f"{slot!r} is not a slot of {self.proxy.name}: {', '.join(self.proxy.slots)}")
        written = Markup("")
        for policy in it.policies:
            macro = getattr(self._module(policy.name), slot, None)
            if self.own:
                written += self._marked(macro, policy, it, *more, slot=slot)
            elif macro is not None:
                written += macro(policy, it, *more)
        return written

    def _marked(self, macro: Any, policy: Policy, it: Any, *more: object, slot: str) -> Markup:
        """What a slot's macro writes: a guard's between marks, by which it is found again. Raises TemplateError where
        the macro does not take what every slot is given."""
        text = Markup("")
        if macro is not None and len(macro.arguments) < 2 + len(more):
            name = self.templates.file(f"{self.proxy.name}/policies/{policy.name}.j2")
            given = ", ".join(("policy", "it", "server")[: 2 + len(more)])
            raise TemplateError(f"template {name}: the macro {slot!r} has to take ({given})")
        if macro is not None:
            text = Markup(macro(policy, it, *more))
        return Markup(f"\x04{key(slot, policy.name, it.slot)}\x06") + text + Markup("\x05") if policy.guards else text

    def _module(self, policy: str, prefix: str = "") -> jinja2.environment.TemplateModule:
        name = f"{prefix}{self.proxy.name}/policies/{policy}.j2"
        if name not in self._policies:
            self._policies[name] = self.environment.get_template(name).module
        return self._policies[name]

    def _needs(self, it: Any) -> tuple[Need, ...]:
        """What the guards of a route, backend or server have to write, by what the shipped templates write."""
        found = []
        for policy in (policy for policy in it.policies if policy.guards):
            name = f"{self.proxy.name}/policies/{policy.name}.j2"
            file = self.templates.file(name) if name in self.own else ""
            for slot in self.proxy.request_slots(it):
                text = self._shipped(policy, slot, it)
                if text.strip():
                    refuses = self.proxy.refuses(text)
                    found.append(Need(policy=policy.name, slot=slot, owner=it.slot, refuses=refuses, file=file))
        return tuple(found)

    def _shipped(self, policy: Policy, slot: str, it: Any) -> str:
        """What the shipped template of a policy writes into a slot."""
        macro = getattr(self._module(policy.name, SHIPPED), slot, None)
        if macro is None:
            return ""
        servers = it.servers[:1] if len(macro.arguments) > 2 else ()
        return rendered(macro(policy, it, *servers)).text if len(servers) == len(macro.arguments) - 2 else ""


def _written(texts: tuple[str, ...]) -> Written:
    return Written(texts=texts)


def _hashed_all(written: Written) -> bytes:
    return hashed(written.content)


def _of_file(file: File) -> bytes:
    return f"\x00{file.name}\x00".encode() + hashed(file.content)


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
