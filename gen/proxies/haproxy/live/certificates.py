"""Certificates: two versions of `certs/` → commands. Files with their keys, and lists of who shows which to whom.

A file is exchanged in a transaction of its own. A line of a list is exchanged by adding the new one before the old one
goes, so that its names are never without a certificate. What would change which certificate comes first, or which of
two for one name, is left to a reload.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re

from gen.bundle import Bundle
from gen.proxies.haproxy.live.change import Change, Phase
from gen.proxies.haproxy.live.expect import Fingerprint, Lines, names
from gen.proxies.live import LEARNT, Command, Leftover

FOLDER = "certs/"
LIST = ".list"
MOST_BYTES = 15_000
"""A payload has to fit into the buffer of 16 KiB, command included."""
_SUCCESS = "Success!"
_FIRST = re.compile(rb"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.DOTALL)
_SAFE = re.compile(r"[A-Za-z0-9_./-]+")


def compare(old: Bundle, new: Bundle, change: Change) -> None:
    """All certificates and all lists of them."""
    before, after = _files(old), _files(new)
    names_of_files = before.keys() | after.keys()
    for name in sorted(name for name in names_of_files if not name.endswith(LIST)):
        if before.get(name) != after.get(name):
            _compare_file(name, before.get(name), after.get(name), change)
    for name in sorted(name for name in names_of_files if name.endswith(LIST)):
        if name not in before or name not in after:
            change.reload(f"{name} is {'new' if name not in before else 'gone'}")
        elif before[name] != after[name]:
            _compare_list(name, _lines(before[name]), _lines(after[name]), change)


def _files(bundle: Bundle) -> dict[str, bytes]:
    return {file.name: file.content for file in bundle.files if file.name.startswith(FOLDER)}


def _compare_file(name: str, old: bytes | None, new: bytes | None, change: Change) -> None:
    if new is None:
        change.live(f"{name} is gone")
        left = Leftover(kind="certificate", name=name, removal=(f"del ssl cert {name}",), reply="deleted!")
        change.do(Phase.REMOVE_BACKENDS, Command(line=f"del ssl cert {name}", reply="deleted!", leaves=left))
        return
    fingerprint = _fingerprint(new)
    if not fingerprint or not _SAFE.fullmatch(name) or len(new) > MOST_BYTES:
        change.reload(f"{name} is not what the runtime API can be given: a PEM file of at most {MOST_BYTES} bytes")
        return
    change.live(f"{name} is {'new' if old is None else 'another certificate'}")
    if old is None and change.retake(name) is None:
        change.do(Phase.ADD_SERVERS, Command(line=f"new ssl cert {name}", reply="New empty certificate store"))
    change.do(Phase.ADD_SERVERS, *_exchange(name, new))
    change.expectations.append(Fingerprint(file=name, fingerprint=fingerprint))


def _exchange(name: str, pem: bytes) -> tuple[Command, ...]:
    lines = [line.strip() for line in pem.decode("ascii").splitlines()]
    payload = "".join(f"{line}\n" for line in lines if line)
    return (
        Command(line=f"set ssl cert {name} <<", payload=payload, reply="Transaction", undo=f"abort ssl cert {name}"),
        Command(line=f"commit ssl cert {name}", reply=_SUCCESS, commits=True),
    )


def _fingerprint(pem: bytes) -> str:
    """SHA-1 of the first certificate, empty where there is none."""
    found = _FIRST.search(pem)
    if found is None or not pem.isascii():
        return ""
    try:
        return hashlib.sha1(base64.b64decode(found[1]), usedforsecurity=False).hexdigest().upper()
    except binascii.Error:
        return ""


def _lines(content: bytes) -> dict[str, str]:
    """The lines of a list by their files, in order. A file that stands in two lines keeps the last."""
    lines = [line.strip() for line in content.decode().splitlines()]
    return {line.split()[0]: line for line in lines if line and not line.startswith("#")}


def _compare_list(name: str, old: dict[str, str], new: dict[str, str], change: Change) -> None:
    touched = [file for file in sorted(old.keys() | new.keys()) if old.get(file) != new.get(file)]
    if why := _why_not(old, new, touched):
        change.reload(f"{name}: {why}")
        return
    for file in touched:
        if file not in new:
            change.live(f"{name}: nobody is shown {file} any more")
            change.do(Phase.REMOVE_SERVERS, _removal(name, file))
            continue
        change.live(f"{name}: {file} is shown for {' '.join(names(new[file]))}")
        add = Command(line=f"add ssl crt-list {name} <<", payload=f"{new[file]}\n", reply=_SUCCESS)
        if file in old:
            learn = Command(line=f"show ssl crt-list -n {name}", learns=rf"(?m)^{re.escape(file)}:(\d+)\b")
            change.do(Phase.ADD_SERVERS, learn, add, _removal(name, f"{file}:{LEARNT}"))
        else:
            change.do(Phase.ADD_SERVERS, add)
    lines = frozenset((file, frozenset(names(line))) for file, line in new.items())
    change.expectations.append(Lines(list=name, lines=lines))


def _removal(name: str, entry: str) -> Command:
    return Command(line=f"del ssl crt-list {name} {entry}", reply="deleted in crtlist")


def _why_not(old: dict[str, str], new: dict[str, str], touched: list[str]) -> str:
    first = next(iter(old.items()), None)
    if first is None or first != next(iter(new.items()), None):
        return "another certificate comes first, for names that nobody has"
    shown: dict[str, str] = {}
    for file, line in new.items():
        for host in names(line):
            if shown.setdefault(host, file) != file and {file, shown[host]} & set(touched):
                return f"{host} is a name of two certificates"
    for file in touched:
        if file in new and not names(new[file]):
            return f"{file} is shown for whatever names it has itself"
        if not all(map(_SAFE.fullmatch, (file, name_of(file)))):
            return f"{file} has a name that the runtime API cannot be given"
    return ""


def name_of(file: str) -> str:
    return file.rpartition("/")[2]
