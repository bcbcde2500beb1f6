"""The public base image of our Dockerfile, made of this machine's own Debian, for an engine that reaches no registry.

In: which packages are to be installed in it, and what pip is to find. Out: a root file system with the essential
packages as they are installed here, known to its dpkg, in which apt and pip find the rest as files: whatever the
Dockerfile asks for is downloaded here, by this machine's apt and pip, and put in beside their settings.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

DPKG = Path("/var/lib/dpkg")
OFFERED = "var/cache/offered"
MERGED = ("bin", "sbin", "lib", "lib64")
NOT_NEEDED = ("/usr/share/doc/", "/usr/share/man/", "/usr/share/locale/")
DIRECTORIES = ("tmp", "run", "var/log", f"{DPKG}/updates"[1:], f"{DPKG}/triggers"[1:], "var/cache/apt/archives/partial")
TEXTS = {
    "etc/apt/sources.list": f"deb [trusted=yes] file:/{OFFERED} ./\n",
    "etc/pip.conf": f"[global]\nno-index = true\nfind-links = /{OFFERED}\n",
    "usr/sbin/policy-rc.d": "#!/bin/sh\nexit 101\n",
    "var/lib/dpkg/available": "",
    "etc/shadow": "",
}
LINKS = {"usr/bin/awk": "mawk", "usr/bin/which": "which.debianutils"}


class NotHere(Exception):
    """This machine is no Debian of that name, or its packages cannot be had."""


def base_image(codename: str, *, packages: Iterable[str], wheels: Iterable[str], work: Path) -> bytes:
    """A tar archive of it. `work`: a directory for what is downloaded. Raises NotHere."""
    if f"VERSION_CODENAME={codename}\n" not in Path("/etc/os-release").read_text() or not DPKG.is_dir():
        raise NotHere(f"this machine is no Debian {codename}")
    names = essential()
    (work / "status").write_text("".join(f"{installed()[name][1]}\n\n" for name in names))
    download(packages, work)
    run(sys.executable, "-m", "pip", "download", "--quiet", "--only-binary=:all:", "--dest", str(work), *wheels)
    (work / "Packages").write_text("\n".join(index(deb) for deb in sorted(work.glob("*.deb"))))
    target = io.BytesIO()
    seen: set[str] = set()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for entry, content in (*skeleton(), *offered(work), *files(names, work)):
            if entry.name not in seen:
                archive.addfile(entry, io.BytesIO(content.read_bytes() if isinstance(content, Path) else content))
            seen.add(entry.name)
    return target.getvalue()


def download(packages: Iterable[str], work: Path) -> None:
    """These packages with all that they need and a system with our `status` lacks."""
    (work / "lists" / "partial").mkdir(parents=True)
    options = {"Dir::State::status": work / "status", "Dir::Cache::archives": work, "Dir::State::lists": work / "lists"}
    flags = [
        f"-o{key}={value}" for key, value in {**options, "APT::Sandbox::User": "root", "Debug::NoLocking": 1}.items()
    ]
    run("apt-get", *flags, "update", "-qq")
    run("apt-get", *flags, "install", "-qq", "--yes", "--download-only", "--no-install-recommends", *packages)


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotHere(f"{' '.join(command[:3])}: {done.stderr[-500:]}")
    return done.stdout


@cache
def installed() -> dict[str, tuple[dict[str, str], str]]:
    """Fields and stanza of each package that is installed here."""
    stanzas = (DPKG / "status").read_text().strip().split("\n\n")
    read = [(dict(re.findall(r"^(\S+): (.*)$", stanza, re.MULTILINE)), stanza) for stanza in stanzas]
    return {fields["Package"]: (fields, stanza) for fields, stanza in read if " installed" in fields["Status"]}


def essential() -> list[str]:
    """What every Debian has, apt, and all that these need."""
    known = installed()
    provides = {
        name: package for package, (fields, _) in known.items() for name in words(fields.get("Provides", ""), "[,]")
    }
    todo = [name for name, (fields, _) in known.items() if fields.get("Essential") == "yes"] + ["apt", "passwd"]
    found: set[str] = set()
    while todo:
        name = todo.pop()
        if name in found:
            continue
        found.add(name)
        fields = known[name][0]
        for clause in f"{fields.get('Depends', '')},{fields.get('Pre-Depends', '')}".split(","):
            choices = [provides.get(choice, choice) for choice in words(clause, r"\|")]
            todo += [choice for choice in choices if choice in known][:1]
    return sorted(found)


def words(text: str, separator: str) -> list[str]:
    """The names in a field, without versions and architectures."""
    return [re.sub(r"[\s(:].*", "", part.strip()) for part in re.split(separator, text) if part.strip()]


def index(deb: Path) -> str:
    """Its stanza in a Packages file."""
    digest = hashlib.sha256(deb.read_bytes()).hexdigest()
    control = run("dpkg-deb", "--field", str(deb))
    return f"{control}Filename: ./{deb.name}\nSize: {deb.stat().st_size}\nSHA256: {digest}\n"


Entry = tuple[tarfile.TarInfo, Path | bytes]


def skeleton() -> Iterator[Entry]:
    for name in DIRECTORIES:
        entry = tarfile.TarInfo(name)
        entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
        yield entry, b""
    for name, target in {**{name: f"usr/{name}" for name in MERGED}, **LINKS}.items():
        entry = tarfile.TarInfo(name)
        entry.type, entry.linkname = tarfile.SYMTYPE, target
        yield entry, b""
    for name in ("passwd", "group"):
        master = Path(f"/usr/share/base-passwd/{name}.master")
        yield plain(f"etc/{name}", size=master.stat().st_size), master
    for name, text in TEXTS.items():
        yield plain(name, size=len(text), mode=0o755 if text.startswith("#!") else 0o644), text.encode()


def offered(work: Path) -> Iterator[Entry]:
    for path in sorted(work.iterdir()):
        if path.suffix in (".deb", ".whl") or path.name == "Packages":
            yield plain(f"{OFFERED}/{path.name}", size=path.stat().st_size), path


def files(names: Iterable[str], work: Path) -> Iterator[Entry]:
    """The packages' own files by the paths that they have here, and what dpkg keeps of them."""
    yield plain(f"{DPKG}/status"[1:], size=(work / "status").stat().st_size), work / "status"
    yield plain(f"{DPKG}/info/format"[1:], size=2), DPKG / "info" / "format"
    for name in names:
        kept = [*(DPKG / "info").glob(f"{name}.*"), *(DPKG / "info").glob(f"{name}:*")]
        listed = [Path(line) for file in kept if file.suffix == ".list" for line in file.read_text().split("\n")]
        for path in (*kept, *listed):
            place = Path(os.path.realpath(path.parent)) / path.name
            if not os.path.lexists(place) or str(place).startswith(NOT_NEEDED):
                continue
            if str(place)[1:] not in MERGED and place != Path("/"):
                entry = taken(place)
                yield entry, place if entry.isreg() else b""


def taken(path: Path) -> tarfile.TarInfo:
    """That file, directory or link as it is; of two names of one file each stands for itself."""
    found = path.lstat()
    entry = tarfile.TarInfo(str(path)[1:])
    entry.mode, entry.uid, entry.gid = found.st_mode & 0o7777, found.st_uid, found.st_gid
    if path.is_symlink():
        entry.type, entry.linkname = tarfile.SYMTYPE, str(path.readlink())
    elif path.is_dir():
        entry.type = tarfile.DIRTYPE
    else:
        entry.size = found.st_size
    return entry


def plain(name: str, *, size: int, mode: int = 0o644) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, mode
    return entry
