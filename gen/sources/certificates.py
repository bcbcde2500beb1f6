"""A directory of certificates → certificates and problems. A source: it reads, and judges only what cannot be served.

Understood are `NAME.crt`, `.pem` or `.cer` with `NAME.key` (or `NAME-key.pem`) beside it or the key inside, and
directories `NAME/` with `fullchain.pem` and `privkey.pem`, `cert.pem` and `key.pem`, or `tls.crt` and `tls.key`. Links
are followed; what begins with a dot is left alone. One bad file is one problem, and all others are served.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from gen.certificate import Certificate
from gen.errors import Origin, Problem, SettingsError, Severity
from gen.sources.certificate_files import Pair, Unusable, read_pair

DEFAULT_NAME = "default"
"""The certificate of this name answers for hosts that no other covers."""

SOON = 14 * 86400
"""Seconds before the end of a certificate from which on it is a problem."""

_CERTIFICATE_ENDINGS = (".crt", ".pem", ".cer")
_LAYOUTS = (
    ("fullchain.pem", "privkey.pem"),
    ("fullchain.pem", "key.pem"),
    ("cert.pem", "key.pem"),
    ("tls.crt", "tls.key"),
)
_NAME = re.compile(r"[A-Za-z0-9._-]+")

Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """Two files to look at. The same path twice: the key should be inside. No certificate: a lone key."""

    name: str
    certificate_file: str
    key_file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    stamps: tuple[Stamp, Stamp]
    pair: Pair | None = None
    problem: Problem | None = None


@dataclass(slots=True)
class CertificateDirectory:
    """A directory to read again and again: a pair of files whose time, size and inode stand still costs two stats.

    `inside` is the same directory as the proxy sees it; empty where it sees the same path.
    """

    path: str
    inside: str = ""
    _known: dict[_Candidate, _Found] = field(default_factory=dict, repr=False)

    def read(self, now: float) -> tuple[tuple[Certificate, ...], tuple[Problem, ...]]:
        """Certificates by name, problems by place. `now` is UTC seconds since 1970; what expired is a problem only.

        Raises SettingsError when the directory cannot be listed.
        """
        candidates = _candidates(Path(self.path).absolute())
        self._known = {each: self._look(each) for each in candidates}
        problems: list[Problem] = []
        kept: dict[str, Certificate] = {}
        for candidate, found in self._known.items():
            if found.problem:
                problems.append(found.problem)
            if not found.pair:
                continue
            certificate = self._certificate(candidate, found.pair)
            problems += _dated(candidate, found.pair, now)
            if now > certificate.not_after:
                continue
            first = kept.setdefault(candidate.name, certificate)
            if first.fingerprint != certificate.fingerprint:
                message = f"there is another certificate named {candidate.name!r}, and that one is used"
                problems.append(_problem(candidate.certificate_file, message, hint=first.certificate_file))
        by_name = tuple(kept[name] for name in sorted(kept))
        return by_name, tuple(sorted(problems, key=Problem.sort_key))

    def _look(self, candidate: _Candidate) -> _Found:
        stamps = (_stamp(candidate.certificate_file), _stamp(candidate.key_file))
        known = self._known.get(candidate)
        # What cannot even be seen may change without a sign.
        if known and known.stamps == stamps and (0, 0, 0) not in stamps:
            return known
        return _examine(candidate, stamps)

    def _certificate(self, candidate: _Candidate, pair: Pair) -> Certificate:
        return Certificate(
            name=candidate.name,
            names=pair.names,
            certificate_file=self._as_seen(candidate.certificate_file),
            key_file=self._as_seen(candidate.key_file),
            not_before=pair.not_before,
            not_after=pair.not_after,
            fingerprint=pair.fingerprint,
            is_default=candidate.name == DEFAULT_NAME,
            pem=pair.pem,
        )

    def _as_seen(self, file: str) -> str:
        return str(Path(self.inside) / Path(file).relative_to(Path(self.path).absolute())) if self.inside else file


def read_certificates(
    directory: str, *, inside: str = "", now: float
) -> tuple[tuple[Certificate, ...], tuple[Problem, ...]]:
    """Reads a directory once; as `CertificateDirectory.read`."""
    return CertificateDirectory(directory, inside).read(now)


def _candidates(directory: Path) -> list[_Candidate]:
    """By name; of one name a file comes before a directory, and `.crt` before `.pem` before `.cer`."""
    try:
        names = [each.name for each in directory.iterdir() if not each.name.startswith(".")]
    except OSError as error:
        message = f"certificates: {directory} cannot be listed: {error.strerror}"
        raise SettingsError(message, hint="name an existing directory that Fairway may read") from error
    # Unlike Path.is_dir, this one does not raise for a link into a place that may not be entered.
    files = {name for name in names if not os.path.isdir(directory / name)}  # noqa: PTH112
    nested = [each for name in sorted(set(names) - files) for each in _in_folder(directory / name)]
    return sorted(_in_files(directory, files) + nested, key=lambda each: each.name)


def _in_files(directory: Path, files: set[str]) -> list[_Candidate]:
    found: list[_Candidate] = []
    keys = {name for name in files if name.endswith(".key")}
    keys |= {name for name in files if name.endswith("-key.pem") and name.removesuffix("-key.pem") + ".pem" in files}
    claimed: set[str] = set()
    for ending in _CERTIFICATE_ENDINGS:
        for name in sorted(each for each in files - keys if each.endswith(ending)):
            stem = name.removesuffix(ending)
            key = next((each for each in (f"{stem}.key", f"{stem}-key.pem") if each in keys), name)
            claimed.add(key)
            found.append(_candidate(stem, directory / name, directory / key))
    for key in sorted(keys - claimed):
        found.append(_Candidate(name=Path(key).stem, certificate_file="", key_file=str(directory / key)))
    return found


def _in_folder(folder: Path) -> list[_Candidate]:
    here = {name for layout in _LAYOUTS for name in layout if os.path.lexists(folder / name)}
    for certificate, key in _LAYOUTS:
        if certificate in here and key in here:
            return [_candidate(folder.name, folder / certificate, folder / key)]
    for certificate, key in _LAYOUTS:
        if certificate in here:
            return [_candidate(folder.name, folder / certificate, folder / certificate)]
        if key in here:
            return [_Candidate(name=folder.name, certificate_file="", key_file=str(folder / key))]
    return []


def _candidate(name: str, certificate: Path, key: Path) -> _Candidate:
    return _Candidate(name=name, certificate_file=str(certificate), key_file=str(key))


def _examine(candidate: _Candidate, stamps: tuple[Stamp, Stamp]) -> _Found:
    file = candidate.certificate_file
    if not file:
        hint = "put NAME.crt beside NAME.key" if candidate.key_file.endswith(".key") else ""
        return _Found(stamps=stamps, problem=_problem(candidate.key_file, "is a key without a certificate", hint=hint))
    if not _NAME.fullmatch(candidate.name):
        message = f"{candidate.name!r} is not a name for a certificate"
        hint = "use letters, digits, dots, dashes and underscores; the hosts come from the certificate itself"
        return _Found(stamps=stamps, problem=_problem(file, message, hint=hint, severity="error"))
    try:
        pair = read_pair(file, candidate.key_file)
    except Unusable as error:
        problem = _problem(error.file, str(error), hint=error.hint, severity=error.severity)
        return _Found(stamps=stamps, problem=None if error.quiet else problem)
    nameless = _problem(file, "the certificate names no host", hint="only the label `certificate` can choose it")
    return _Found(stamps=stamps, pair=pair, problem=None if pair.names else nameless)


def _dated(candidate: _Candidate, pair: Pair, now: float) -> list[Problem]:
    """Times are told by day and not by seconds left, so that an unchanged directory gives unchanged problems."""
    file = candidate.certificate_file
    if now > pair.not_after:
        message = f"the certificate expired on {_day(pair.not_after)} and is not served"
        return [_problem(file, message, hint="renew it", severity="error")]
    if now < pair.not_before:
        return [_problem(file, f"the certificate is not valid before {_day(pair.not_before)}", hint="check the clock")]
    if now > pair.not_after - SOON:
        return [_problem(file, f"the certificate expires on {_day(pair.not_after)}", hint="renew it")]
    return []


def _day(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).date().isoformat()


def _problem(file: str, message: str, *, hint: str = "", severity: Severity = "warning") -> Problem:
    # A file name may be any bytes; what people read and what is written down is text.
    shown = file.encode("utf-8", "backslashreplace").decode()
    origin = Origin(source="certificates", file=shown)
    return Problem(severity=severity, origin=origin, message=message, hint=hint)


def _stamp(file: str) -> Stamp:
    """When, how long, which: what changes with a file's content. Zeros where there is nothing to see."""
    try:
        status = os.stat(file) if file else None  # noqa: PTH116
    except OSError:
        status = None
    return (status.st_mtime_ns, status.st_size, status.st_ino) if status else (0, 0, 0)
