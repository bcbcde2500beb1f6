"""Publish, step two: a bundle → the pieces that a swarm keeps: a config for each file, a secret for each private one.

A piece is named by what is in it, so one that did not change is the same piece in the next release, and none is ever
written over. A swarm keeps no more than 500 kB in one: a larger file is packed, and unpacked when a task starts. Pure.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

from gen.bundle import Bundle, File
from gen.certificate import Certificate
from gen.render import RELEASE

PACKED: Final = f"{RELEASE}.gz"
"""The release in words; no proxy reads it, the next publish does."""
HEALTH: Final = "health"
LARGEST: Final = 480_000
"""Bytes above which a file is packed: a secret may have 500 kB, and so may a config of engines before 25."""
CERTIFICATES: Final = "certs"
SECONDS_LEFT: Final = 30 * 86_400
"""A generated certificate that ends sooner than that is made anew."""
_READABLE, _OWNERS = 0o444, 0o400
_SLUG: Final = 22
_EXPIRES_NEVER: Final = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One file as a swarm keeps it. `path` is where the tasks see it. `until`: UTC seconds since 1970 at which it is of
    no use any more, 0 for never. `unpacked`: where a task has to unpack it to before it starts, empty where not."""

    name: str
    path: str
    content: bytes = field(repr=False)
    is_secret: bool = False
    mode: int = _READABLE
    until: int = _EXPIRES_NEVER
    unpacked: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Whose pieces, and the directory as the tasks see it. `has_root`: the proxy's master is root for sure, so keys
    have to be readable by nobody else. `workers_read`: its workers, who are not, read private files of the bundle."""

    service: str
    root: PurePosixPath
    has_root: bool = False
    workers_read: bool = False

    @property
    def current(self) -> PurePosixPath:
        return self.root / "current"

    @property
    def default_certificate(self) -> str:
        """The generated one, with its key."""
        return f"{self.root}/tls/default.both"

    def certificate(self, name: str) -> str:
        """One of the operator's, with its key."""
        return f"{self.current}/{CERTIFICATES}/{name}.pem"


def pieces(bundle: Bundle, certificates: Iterable[Certificate], at: Place) -> tuple[Piece, ...]:
    """What the tasks need of a release, by path. Of the certificates, those that its files name and do not hold."""
    found = [_of_file(file, at) for file in bundle.files if file.name != RELEASE]
    found += [_of_certificate(one, at) for one in certificates if _is_named(one.certificate_file, bundle)]
    found.append(_piece(at, f"{at.current}/{PACKED}", gzip.compress(bundle.file(RELEASE), mtime=0)))
    found.append(_piece(at, f"{at.root}/{HEALTH}", HEALTH_CHECK.encode()))
    by_path = {piece.path: piece for piece in found}
    return tuple(by_path[path] for path in sorted(by_path))


def _of_file(file: File, at: Place) -> Piece:
    mode = _OWNERS if file.private and at.has_root and not at.workers_read else _READABLE
    # A swarm keeps nothing that is empty; to every reader of these files an empty line says as little.
    content = file.content or b"\n"
    return _piece(at, f"{at.current}/{file.name}", content, is_secret=file.private, mode=mode)


def _of_certificate(one: Certificate, at: Place) -> Piece:
    until = int(one.not_after) if one.is_default else _EXPIRES_NEVER
    mode = _OWNERS if at.has_root else _READABLE
    content = one.pem.reveal().encode()
    return _piece(at, one.certificate_file, content, is_secret=True, mode=mode, until=until)


def _is_named(path: str, bundle: Bundle) -> bool:
    wanted = path.encode()
    return any(wanted in file.content for file in bundle.files if file.name != RELEASE)


def _piece(
    at: Place, path: str, content: bytes, *, is_secret: bool = False, mode: int = _READABLE, until: int = 0
) -> Piece:
    """Its name says for people which file it is, and for Fairway what is in it."""
    kind = "secret" if is_secret else "config"
    unpacked = path if len(content) > LARGEST else ""
    if unpacked:
        path, content = f"{path}.gz", gzip.compress(content, mtime=0)
    head = f"{at.service}\0{path}\0{kind}\0".encode()
    slug = re.sub(r"[^A-Za-z0-9_.-]+", "-", f"{at.service}-{PurePosixPath(path).name}")[-_SLUG:]
    name = f"fairway-{slug}-{hashlib.sha256(head + content).hexdigest()[:32]}"
    return Piece(name=name, path=path, content=content, is_secret=is_secret, mode=mode, until=until, unpacked=unpacked)


HEALTH_CHECK: Final = r"""#!/bin/sh
# Written by Fairway: asks the proxy on the socket $1 which release it serves; all is well where that is $2.
if command -v curl >/dev/null; then
    found=$(curl -s -m 4 --unix-socket "$1" http://fairway/digest)
elif command -v perl >/dev/null; then
    found=$(perl -MIO::Socket::UNIX -e 'alarm 4; my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or exit 1;
        print $s "GET /digest HTTP/1.0\r\nHost: fairway\r\n\r\n"; $s->flush; $last = $_ while <$s>; print $last' "$1")
elif command -v python3 >/dev/null; then
    found=$(python3 -c 'import socket, sys; s = socket.socket(socket.AF_UNIX); s.settimeout(4); s.connect(sys.argv[1])
s.sendall(b"GET /digest HTTP/1.0\r\nHost: fairway\r\n\r\n")
print(b"".join(iter(lambda: s.recv(4096), b"")).decode().rpartition("\n")[2])' "$1")
else
    echo "no curl, perl or python3 in this image: give the service a health check of its own"
    exit 1
fi
[ "$found" = "$2" ] && exit 0
echo "the proxy on $1 serves '${found:-nothing}', wanted is '$2'"
exit 1
"""
