"""Case files: a sentence, a world, and what comes of it.

A case is text in sections, `-- name --` each. Inputs: `compose.yml` or `snapshot.json`,
`settings` (key=value), `certificates` (a name, then what it is for; `default` is the one shown where none fits).
Outputs: `nginx.conf`, the top-level parts that a world without workloads would not have (`whole nginx.conf`: all of
it), and `problems`. A case listens on port 8080 alone unless it says otherwise, so that nobody has to be root.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import jinja2

from gen.build import build
from gen.bundle import Bundle
from gen.certificate import Certificate
from gen.dialects import native
from gen.model import Model
from gen.proxies.nginx import Nginx
from gen.render import Renderer
from gen.settings import Settings, load
from gen.sources import snapshot
from gen.sources.compose import ComposeSource
from gen.state import State

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases"
INPUTS = ("compose.yml", "snapshot.json", "settings", "certificates")
OUTPUTS = ("nginx.conf", "whole nginx.conf", "problems")
_SECTION = re.compile(r"^-- (.+) --\n", re.MULTILINE)


@dataclass(frozen=True)
class Case:
    """One case file, read."""

    path: Path
    why: str
    sections: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> Case:
        why, *rest = _SECTION.split(path.read_text(encoding="utf-8"))
        sections = dict(zip(rest[::2], rest[1::2], strict=True))
        if unknown := set(sections) - {*INPUTS, *OUTPUTS}:
            raise ValueError(f"{path}: no case has a section {unknown.pop()!r}")
        return cls(path, why.strip(), sections)

    def write(self, outputs: dict[str, str]) -> None:
        """Writes the file again with other outputs; the inputs stay as they are."""
        parts = [f"-- {name} --\n{outputs.get(name, text)}" for name, text in self.sections.items()]
        missing = [f"-- {name} --\n{text}" for name, text in outputs.items() if name not in self.sections]
        self.path.write_text("\n".join([f"{self.why}\n", *(part.rstrip("\n") + "\n" for part in parts + missing)]))

    @cached_property
    def settings(self) -> Settings:
        lines = self.sections.get("settings", "").split("\n")
        pairs = [tuple(line.split("=", 1)) for line in lines if line.strip()]
        return load(file="/dev/null", variables={}, flags=[("listeners", "web=8080"), *pairs])  # type: ignore[list-item]

    @cached_property
    def state(self) -> State:
        if "snapshot.json" in self.sections:
            return snapshot.load(self.sections["snapshot.json"], name=self.path.name)
        return _composed(self.sections["compose.yml"])

    @cached_property
    def certificates(self) -> tuple[Certificate, ...]:
        lines = self.sections.get("certificates", "").split("\n")
        return tuple(_certificate(*line.split()) for line in lines if line.strip())

    @cached_property
    def model(self) -> Model:
        return _model(self.state, self.settings, self.certificates)

    @cached_property
    def bundle(self) -> Bundle:
        return _render(self.model)

    def outputs(self) -> dict[str, str]:
        """What the file's output sections should hold: the ones that it has, or the usual two."""
        text = _text(self.bundle)
        empty = _text(_render(_model(State(source="docker"), self.settings, self.certificates)))
        lines = "".join(f"{problem.severity}: {problem}\n" for problem in self.model.problems)
        problems = re.sub(r"(?m)^(\w+: )/\S*/(compose\.yml)", r"\1\2", lines)
        shown = {"nginx.conf": _added(text, empty), "whole nginx.conf": text, "problems": problems}
        wanted = [name for name in OUTPUTS if name in self.sections] or ["nginx.conf", "problems"]
        return {name: shown[name] for name in wanted}


def case_files() -> list[Path]:
    """All case files, sorted."""
    return sorted(CASES.rglob("*.case"))


def _composed(text: str) -> State:
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "compose.yml").write_text(text)
        return ComposeSource(("compose.yml",), {}, project="case", directory=directory).read()


def _certificate(name: str, *names: str) -> Certificate:
    place = f"{Settings().directory}/tls/{name}"
    return Certificate(
        name=name,
        names=names,
        certificate_file=f"{place}.crt",
        key_file=f"{place}.key",
        not_before=0.0,
        not_after=4e9,
        fingerprint=name,
        is_default=name == "default",
    )


def _model(state: State, settings: Settings, certificates: tuple[Certificate, ...]) -> Model:
    asked = [native.read(workload, state.source) for workload in state.workloads]
    declarations = [declaration for declaration in asked if declaration is not None]
    return Nginx().fit(build(state, declarations, settings, certificates=certificates, now=1.0))


def _render(model: Model) -> Bundle:
    return Renderer(Nginx(), jinja2.FileSystemLoader(ROOT / "templates")).render(model)


def _text(bundle: Bundle) -> str:
    main = next(file for file in bundle.files if file.name == bundle.main)
    return main.content.decode().replace(bundle.digest, "DIGEST")


def _added(text: str, empty: str) -> str:
    """The parts of a configuration that the other one does not have, without their common indentation."""
    known = set(_parts(empty))
    added = [part for part in _parts(text) if part not in known]
    return "".join(re.sub("(?m)^    ", "", part) for part in added).strip("\n") + "\n" if added else ""


def _parts(text: str) -> list[str]:
    """The directives and blocks of `http`, each with the blank line before it and all that is inside."""
    return re.findall(r"\n?(?: {4}[^ }\n].*| {0,3}[^ \n].*)\n(?:(?: {5,}.*| {4}\}|(?=\n {5})) *\n)*", text)
