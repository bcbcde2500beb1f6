"""An nginx configuration on the disk → its directives, those of included files in their place.

A file, a directory, a release, or what `nginx -T` printed. Of a copy of /etc/nginx the files that it includes by that
name are those beside it.
"""

from __future__ import annotations

import glob
import re
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from gen.errors import InputError

Directives = list[dict[str, Any]]

_MAIN: Final = "nginx.conf"
_USUAL: Final = "/etc/nginx/"
_MOST_BYTES: Final = 64 * 1024 * 1024
_MOST_FILES: Final = 10_000
_DEEPEST: Final = 32
_MOST_ERRORS: Final = 5
_DUMPED: Final = re.compile(r"(?m)^# configuration file (/.*):\n")
_PLACE: Final = re.compile(r" in \S*:\d+$")


def parsed(name: str) -> Directives:
    """The directives of a file, of a directory, or of the standard input (`-`). Raises InputError."""
    text = _text(Path(name), sys.stdin.buffer.read(_MOST_BYTES + 1)) if name == "-" else ""
    path = _file(Path(name)) if name != "-" else Path("standard input")
    dump = list(_DUMPED.finditer(text or _text(path)))
    with tempfile.TemporaryDirectory(prefix="fairway-diff-") as place:
        if dump or name == "-":
            main = _laid_out(text or _text(path), dump, Path(place))
            return _Reader(main=main, root=Path(place), shown=f"{path}: " if dump else "").whole(main)
        return _Reader(main=path).whole(path)


@dataclass(slots=True, kw_only=True)
class _Reader:
    """`root`: where the root of the file system is, for a dump; `shown`: what stands before its files in messages."""

    main: Path
    root: Path | None = None
    shown: str = ""
    bytes: int = 0
    files: int = 0
    errors: list[str] = field(default_factory=list)

    def whole(self, path: Path) -> Directives:
        found = self._read(path, 0)
        if self.errors:
            hint = "is it a whole configuration, with the files that it includes?"
            more = len(self.errors) - _MOST_ERRORS
            listed = [*self.errors[:_MOST_ERRORS], *([f"and {more} more"] if more > 0 else [])]
            raise InputError("; ".join(listed), hint=hint)
        return found

    def _read(self, path: Path, depth: int) -> Directives:
        import crossplane

        self.files += 1
        self.bytes += len(_text(path))
        if depth > _DEEPEST or self.files > _MOST_FILES or self.bytes > _MOST_BYTES:
            raise InputError(f"{self._name(path)}: it includes too much, or itself")
        try:
            payload = crossplane.parse(
                str(path), single=True, comments=False, check_ctx=False, check_args=False, catch_errors=True
            )
        except (OSError, RecursionError) as error:
            raise InputError(f"{self._name(path)} cannot be read: {error}") from error
        self.errors += [self._told(path, one) for one in [*payload["errors"], *_unended(path)]]
        return self._with_included(payload["config"][0]["parsed"], path, depth)

    def _with_included(self, directives: Directives, path: Path, depth: int) -> Directives:
        found: Directives = []
        for each in directives:
            if each["directive"] == "include" and len(each["args"]) == 1:
                for included in self._matching(each["args"][0], f"{self._name(path)}:{each['line']}"):
                    found += self._read(included, depth + 1)
            elif "block" in each:
                found.append({**each, "block": self._with_included(each["block"], path, depth)})
            else:
                found.append(each)
        return found

    def _matching(self, pattern: str, at: str) -> list[Path]:
        """The files of an `include`, sorted as nginx does."""
        has_magic = glob.has_magic(pattern)
        for root, name in self._places(pattern):
            if not has_magic and (root / name).is_file():
                return [root / name]
            # As for nginx, and other than for pathlib, hidden files are none of `*`.
            if has_magic and (found := sorted(glob.glob(name, root_dir=root))):  # noqa: PTH207
                return [root / one for one in found]
        if not has_magic:
            self.errors.append(f"{at}: include {pattern}: there is no such file")
        return []

    def _places(self, pattern: str) -> list[tuple[Path, str]]:
        """Where an included file may be, as a directory and what is below it, the likeliest first."""
        beside = self.main.absolute().parent
        if not pattern.startswith("/"):
            return [(beside, pattern)]
        whole = (self.root or Path("/"), pattern.lstrip("/"))
        is_copied = self.root is None and pattern.startswith(_USUAL)
        return [(beside, pattern.removeprefix(_USUAL)), whole] if is_copied else [whole]

    def _name(self, path: Path) -> str:
        if self.root is not None and path.is_relative_to(self.root):
            return f"{self.shown}/{path.relative_to(self.root)}" if self.shown else "standard input"
        return str(path)

    def _told(self, path: Path, error: dict[str, Any]) -> str:
        line = f":{error['line']}" if error.get("line") else ""
        what = _PLACE.sub("", str(error["error"])) or "it ends within quotes"
        return f"{self._name(path)}{line}: {what}"


def _unended(path: Path) -> Iterator[dict[str, Any]]:
    """Directives that a `}` ends, which the parser sees only where it knows in which block a file is included."""
    import crossplane

    first = ""
    with suppress(crossplane.errors.NgxParserBaseException):
        for word, line, is_quoted in crossplane.lex(str(path)):
            if not is_quoted and word.startswith("#"):
                continue
            is_mark = not is_quoted and word in (";", "{", "}")
            if is_mark and word == "}" and first:
                yield {"line": line, "error": f'directive "{first}" is not terminated by ";"'}
            first = "" if is_mark else first or word


def _laid_out(text: str, dump: list[re.Match[str]], place: Path) -> Path:
    """The files of a dump where they were, below a directory; the first is the main one."""
    if not dump:
        (place / _MAIN).write_text(text, encoding="utf-8")
        return place / _MAIN
    ends = [*(found.start() for found in dump[1:]), len(text)]
    for found, end in zip(reversed(dump), reversed(ends), strict=True):
        path = place / Path(found[1]).relative_to("/")
        if ".." in path.parts:
            raise InputError(f"{found[1]}: this is not the name of a file that nginx reads")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text[found.end() : end], encoding="utf-8")
        except OSError as error:
            raise InputError(f"{found[1]}: nginx has no such file: {error.strerror or error}") from error
    return place / Path(dump[0][1]).relative_to("/")


def _text(path: Path, data: bytes | None = None) -> str:
    """The text of a regular file of a bounded size. Raises InputError."""
    try:
        if data is None:
            if not stat.S_ISREG(path.stat().st_mode):
                raise InputError(f"{path}: this is not a regular file")
            with path.open("rb") as stream:
                data = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
    if len(data) > _MOST_BYTES:
        raise InputError(f"{path}: larger than {_MOST_BYTES // 1024 // 1024} MiB")
    if b"\x00" in data:
        raise InputError(f"{path}: this is no text; a configuration of nginx is")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 text: {error.reason} at byte {error.start}") from error


def _file(path: Path) -> Path:
    if not path.exists():
        raise InputError(f"{path}: there is no such file or directory")
    if not path.is_dir():
        return path
    for place in (path / "current" / _MAIN, path / _MAIN):
        if place.is_file():
            return place
    raise InputError(f"{path}: there is no {_MAIN} in it, and no release", hint="name the file")
