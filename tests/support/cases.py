"""Case files: a sentence, a world, and what comes of it.

A case is text in sections, `-- name --` each. Inputs: `compose.yml` or `snapshot.json`,
`settings` (key=value), `certificates` (a name, then what it is for; `default` is the one shown where none fits).
Outputs: `nginx.conf` and `haproxy.cfg`, what a world without workloads would not have (`whole …`: all of it; `stream of
nginx.conf`: what TCP and UDP routes become; of
HAProxy's side files the maps and lists), `problems`, and `haproxy problems` where they are others. A case listens on
port 8080 alone unless it says otherwise, so that nobody has to be root.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import jinja2

from gen.build import build
from gen.bundle import Bundle, File
from gen.certificate import Certificate
from gen.dialects import native
from gen.model import Model
from gen.proxies import Proxy
from gen.proxies.haproxy import Haproxy
from gen.proxies.nginx import Nginx
from gen.render import Renderer
from gen.settings import Settings, load
from gen.sources import snapshot
from gen.sources.compose import ComposeSource
from gen.state import State

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases"
INPUTS = ("compose.yml", "snapshot.json", "settings", "certificates")
OUTPUTS = (
    "nginx.conf",
    "whole nginx.conf",
    "stream of nginx.conf",
    "haproxy.cfg",
    "whole haproxy.cfg",
    "problems",
    "haproxy problems",
)
PROXIES: dict[str, Proxy] = {"nginx": Nginx(), "haproxy": Haproxy()}
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

    def model(self, proxy: str) -> Model:
        """What a proxy can keep of it."""
        return _model(proxy, self.state, self.settings, self.certificates)

    def bundle(self, proxy: str) -> Bundle:
        return _render(proxy, self.model(proxy))

    def outputs(self) -> dict[str, str]:
        """What the file's output sections should hold: the ones that it has, or the usual ones."""
        shown: dict[str, str] = {}
        for proxy in PROXIES:
            empty = _render(proxy, _model(proxy, State(source="docker"), self.settings, self.certificates))
            shown |= OUTPUTS_OF[proxy](self.bundle(proxy), empty)
        shown["problems"] = _problems(self.model("nginx"))
        shown["haproxy problems"] = _problems(self.model("haproxy"))
        usual = ["nginx.conf", "haproxy.cfg", "problems"]
        wanted = [name for name in OUTPUTS if name in self.sections] or usual
        if shown["haproxy problems"] != shown["problems"] and "haproxy.cfg" in wanted:
            wanted.append("haproxy problems")
        return {name: shown[name] for name in dict.fromkeys(wanted)}


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


def _model(proxy: str, state: State, settings: Settings, certificates: tuple[Certificate, ...]) -> Model:
    asked = [native.read(workload, state.source) for workload in state.workloads]
    declarations = [declaration for declaration in asked if declaration is not None]
    return PROXIES[proxy].fit(build(state, declarations, settings, certificates=certificates, now=1.0))


def _render(proxy: str, model: Model) -> Bundle:
    return Renderer(PROXIES[proxy], jinja2.FileSystemLoader(ROOT / "templates")).render(model)


def _problems(model: Model) -> str:
    lines = "".join(f"{problem.severity}: {problem}\n" for problem in model.problems)
    return re.sub(r"(?m)^(\w+: )/\S*/(compose\.yml)", r"\1\2", lines)


def _text(bundle: Bundle) -> str:
    main = next(file for file in bundle.files if file.name == bundle.main)
    return main.content.decode().replace(bundle.digest, "DIGEST")


def _of_nginx(bundle: Bundle, empty: Bundle) -> dict[str, str]:
    text = _text(bundle)
    added = _added(text, _text(empty))
    stream = f"\n{added}".partition("\nstream {\n")[2].lstrip("\n")
    return {"nginx.conf": added, "whole nginx.conf": text, "stream of nginx.conf": stream}


def _of_haproxy(bundle: Bundle, empty: Bundle) -> dict[str, str]:
    """New sections whole, and of known ones the new lines; then the maps."""
    known = dict(_sections(_text(empty)))
    parts: list[str] = []
    for name, lines in _sections(_text(bundle)):
        if name == "defaults fairway_stream":  # the same for everybody, but there with TCP routes only
            continue
        before = set(known.get(name, ()))
        if added := [line for line in lines if line not in before and line.strip()]:
            parts.append("\n".join((name, *added)))
    parts += [part for file in bundle.files if (part := _listed(file))]
    return {"haproxy.cfg": "\n".join(parts) + "\n", "whole haproxy.cfg": _text(bundle)}


def _sections(text: str) -> list[tuple[str, list[str]]]:
    """(first line, further lines) of each section of a haproxy.cfg."""
    found = re.findall(r"(?m)^([a-z].*)\n((?:(?:[ \t#].*)?\n)*)", text)
    return [(name, [line for line in lines.split("\n") if not line.startswith("#")]) for name, lines in found]


def _listed(file: File) -> str:
    """A map or a list of certificates, but for what is always there."""
    if not file.name.endswith((".map", ".list")) or file.name == "maps/release.map":
        return ""
    lines = [line for line in file.content.decode().split("\n") if line and line != ". -"]
    return "\n".join((f"# {file.name}", *lines)) if lines else ""


OUTPUTS_OF = {"nginx": _of_nginx, "haproxy": _of_haproxy}


def _added(text: str, empty: str) -> str:
    """The parts of a configuration that the other one does not have, without their common indentation. Of `stream`,
    which the other one does not have at all, what is no fixed line of its template."""
    http, mark, stream = text.partition("\nstream {\n")
    known = set(_parts(empty))
    added = [part for part in _parts(http) if part not in known]
    if mark:
        known.update(_parts((ROOT / "templates" / "nginx" / "stream.j2").read_text()))
        added += [mark, *(part for part in _parts(stream) if part not in known)]
    return "".join(re.sub("(?m)^    ", "", part) for part in added).strip("\n") + "\n" if added else ""


def _parts(text: str) -> list[str]:
    """The directives and blocks of `http`, each with the blank line before it and all that is inside."""
    return re.findall(r"\n?(?: {4}[^ }\n].*| {0,3}[^ \n].*)\n(?:(?: {5,}.*| {4}\}|(?=\n {5})) *\n)*", text)
