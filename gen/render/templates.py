"""Templates: the shipped ones and the operator's → one loader, and what an operator's template has to hold to.

An operator's template stands for the shipped one of the same path. It reaches that one by the prefix `shipped/`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from types import TracebackType

import jinja2
from jinja2 import meta, nodes

from gen.errors import TemplateError

SHIPPED = "shipped/"


class Templates(jinja2.BaseLoader):
    """`own`: texts of the operator's templates by path; `directory`: where they are, for messages."""

    def __init__(
        self, shipped: jinja2.BaseLoader, own: Mapping[str, str] | None = None, *, directory: str = ""
    ) -> None:
        self.shipped = shipped
        self.own = own or {}
        self.directory = directory

    def get_source(self, environment: jinja2.Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """(text, file, …), where `file` is how messages name it."""
        if template in self.own:
            return self.own[template], self.file(template), lambda: True
        text, _, _ = self.shipped.get_source(environment, template.removeprefix(SHIPPED))
        return text, template, lambda: True

    def file(self, template: str) -> str:
        """The template as messages name it: an operator's by its file."""
        is_below = template in self.own and bool(self.directory)
        return f"{self.directory.rstrip('/')}/{template}" if is_below else template

    def of(self, proxy: str) -> tuple[str, ...]:
        """The operator's templates for a proxy, sorted."""
        return tuple(sorted(name for name in self.own if name.startswith(f"{proxy}/")))

    def without(self, *names: str) -> Templates:
        """The same with the shipped ones in place of some of the operator's."""
        kept = {name: text for name, text in self.own.items() if name not in names}
        return Templates(self.shipped, kept, directory=self.directory)


def templates(loader: jinja2.BaseLoader) -> Templates:
    """A loader as Templates: any other than those holds shipped ones alone."""
    return loader if isinstance(loader, Templates) else Templates(loader)


def check_own(environment: jinja2.Environment, found: Templates, proxy: str, slots: Iterable[str]) -> None:
    """Raise TemplateError for an operator's template of which a part would never be used, whatever is routed."""
    for name in found.of(proxy):
        tree = environment.parse(found.own[name], name, found.file(name))
        error = _fault(environment, found, name, tree, slots=tuple(slots))
        if error:
            raise TemplateError(f"template {found.file(name)}: {error}")


def _fault(
    environment: jinja2.Environment, found: Templates, name: str, tree: nodes.Template, *, slots: tuple[str, ...]
) -> str:
    if name in meta.find_referenced_templates(tree):
        return f"it refers to itself; the shipped template is {SHIPPED}{name}"
    if name.split("/")[1:-1] == ["policies"]:
        shipped = environment.parse(found.shipped.get_source(environment, name)[0])
        return _fault_of_policy(name, tree, shipped, slots)
    return _fault_of_blocks(environment, found, tree)


def _fault_of_policy(name: str, tree: nodes.Template, shipped: nodes.Template, slots: tuple[str, ...]) -> str:
    if next(tree.find_all(nodes.Extends), None):
        return f'a policy\'s template does not extend another; write {{% import "{SHIPPED}{name}" as shipped %}}'
    imported = {
        one if isinstance(one, str) else one[1] for each in tree.find_all(nodes.FromImport) for one in each.names
    }
    if unused := sorted(imported.intersection(slots)):
        return f"{unused[0]} is imported and so writes nothing; define a macro {unused[0]} that calls it"
    written = set(_macros(tree))
    for macro in sorted(written.difference(slots)):
        if not macro.startswith("_"):
            return f"the macro {macro!r} is not a slot{nearest(macro, slots)}; macros for other use begin with _"
    assigned = {one.target.name for one in tree.find_all(nodes.Assign) if isinstance(one.target, nodes.Name)}
    if set(_macros(shipped)) and not (written | assigned).intersection(slots):
        return f"it has no macro of a slot: {', '.join(slots)}"
    return ""


def _macros(tree: nodes.Template) -> Iterator[str]:
    return (macro.name for macro in tree.find_all(nodes.Macro))


def _fault_of_blocks(environment: jinja2.Environment, found: Templates, tree: nodes.Template) -> str:
    extended = next(tree.find_all(nodes.Extends), None)
    if extended is None or not isinstance(extended.template, nodes.Const):
        return ""
    base = str(extended.template.value)
    try:
        source = found.get_source(environment, base)[0]
    except jinja2.TemplateNotFound:
        return f"it extends {base}, which does not exist; shipped templates begin with {SHIPPED}"
    known = [block.name for block in environment.parse(source).find_all(nodes.Block)]
    for block in (one for one in tree.body if isinstance(one, nodes.Block)):
        if block.name not in known:
            return f"{base} has no block {block.name!r}{nearest(block.name, known)}"
    if any(_prints(node) for node in tree.body):
        return f"text outside of blocks is ignored where a template extends another; {base} has {', '.join(known)}"
    return ""


def _prints(node: nodes.Node) -> bool:
    if not isinstance(node, nodes.Output):
        return False
    return any(not isinstance(part, nodes.TemplateData) or bool(part.data.strip()) for part in node.nodes)


def nearest(name: str, known: Iterable[str]) -> str:
    """`; the nearest is …`, or all of them where none is like it."""
    every = tuple(known)
    close = get_close_matches(name, every, n=1, cutoff=0.5)
    if close:
        return f"; the nearest is {close[0]!r}"
    return f"; there are {', '.join(every)}" if every else ""


FAULTS = (jinja2.TemplateError, ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What an expression of a template may raise."""


def described(error: Exception, template: str) -> TemplateError:
    """The error of a rendering, with the template and the line in which it arose."""
    if isinstance(error, jinja2.TemplateSyntaxError):
        return TemplateError(f"template {error.filename or error.name}:{error.lineno}: {error.message}")
    if isinstance(error, jinja2.TemplateNotFound):
        return TemplateError(f"template {error.name} does not exist")
    if isinstance(error, TemplateError) and str(error).startswith("template "):
        return error  # a block's own template is named already
    place = _place(error.__traceback__) or template
    if isinstance(error, RecursionError):
        return TemplateError(f"template {place}: templates or macros call each other without an end")
    is_plain = isinstance(error, (jinja2.TemplateError, TemplateError))
    return TemplateError(f"template {place}: {error if is_plain else f'{type(error).__name__}: {error}'}")


def _place(traceback: TracebackType | None) -> str:
    """The innermost line of a template in a traceback, as `file:line`."""
    found = ""
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if file.endswith(".j2"):
            found = f"{file}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return found
