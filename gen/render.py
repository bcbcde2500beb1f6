"""Render: Model → Bundle, through templates in which every expression is one word.

`{{ }}` goes through the proxy's `literal` and between two marks; once a template is rendered, the proxy's `check`
proves that each marked stretch is one token, and takes the marks away. Blocks (an upstream, a server) are rendered,
checked and remembered by themselves: one that did not change costs nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
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
        self.inserts: list[str] = []
        self.environment = jinja2.Environment(
            loader=loader,
            autoescape=True,
            finalize=self._spell,
            undefined=jinja2.StrictUndefined,
            keep_trailing_newline=True,
            auto_reload=False,
        )
        self.environment.globals.update(self.proxy.words, block=self._block, slot=self._slot)
        self._policies: dict[str, jinja2.environment.TemplateModule] = {}

    def render(self, model: Model) -> Bundle:
        """All files of a model that the proxy fits. Raises TemplateError."""
        view = self.proxy.view(model)
        self.inserts = []
        pieces = self._pieces(self._text(f"{self.proxy.name}/{self.proxy.main}.j2", view=view, digest=PLACEHOLDER))
        files = (self._main(pieces), *self.proxy.files(view))
        digest = _digest(files, model)
        release = File(name=RELEASE, content=table.to_json(model))
        everything = (*_signed(files, self.proxy.signed, digest), release)
        ordered = tuple(sorted(everything, key=lambda file: file.name))
        known = () if self.proxy.signed == self.proxy.main else pieces
        return Bundle(main=self.proxy.main, files=ordered, digest=digest, pieces=known)

    def _main(self, pieces: Iterable[str]) -> File:
        return File(name=self.proxy.main, content="".join(pieces).encode(), private=self.proxy.is_private)

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

    def _pieces(self, text: str) -> tuple[str, ...]:
        """The text with its blocks: every other piece is one."""
        parts = re.split(f"{INSERT}([0-9]+){INSERT}", text)
        return tuple(self.inserts[int(part)] if number % 2 else part for number, part in enumerate(parts))

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


def _signed(files: tuple[File, ...], name: str, digest: str) -> Iterator[File]:
    """The files with the digest in the one that tells it. Raises TemplateError."""
    for file in files:
        if file.name != name:
            yield file
            continue
        before, found, after = file.content.rpartition(PLACEHOLDER.encode())
        if not found:
            raise TemplateError(f"{name} does not print the digest, so no release could be confirmed")
        yield replace(file, content=before + digest.encode() + after)


def _digest(files: tuple[File, ...], model: Model) -> str:
    """Over everything that the proxy reads: its files, and the certificates that it only names (not the
    generated one, which is another one on each machine)."""
    known = hashlib.sha256()
    for file in files:
        known.update(f"\x00{file.name}\x00".encode() + file.content)
    for certificate in model.certificates:
        if certificate.is_default:
            continue
        known.update(f"\x00{certificate.name}\x00{certificate.fingerprint}".encode())
    return known.hexdigest()
