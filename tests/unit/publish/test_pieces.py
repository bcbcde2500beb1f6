"""A bundle as a swarm keeps it: named by content, secret where it is private, seen by no more than need it."""

from __future__ import annotations

import gzip
import re
from pathlib import PurePosixPath

import pytest

from gen.bundle import Bundle, File
from gen.certificate import Certificate
from gen.publish.pieces import LARGEST, Piece, Place, pieces
from gen.values import Secret

NAME = re.compile(r"[A-Za-z0-9]+(?:[A-Za-z0-9-_.]*[A-Za-z0-9])?")
"""As managers demand it, of at most 64 letters."""


def bundle(**files: bytes) -> Bundle:
    given = {"nginx.conf": b"events {}\n", "release.json": b"{}", **files}
    made = (File(name=name, content=content, private="auth" in name) for name, content in sorted(given.items()))
    return Bundle(main="nginx.conf", files=tuple(made), digest="0" * 64)


def certificate(name: str, path: str, *, is_default: bool = False) -> Certificate:
    return Certificate(
        name=name,
        names=("shop.test",),
        certificate_file=path,
        key_file=path,
        not_before=0.0,
        not_after=1000.5,
        fingerprint="f",
        is_default=is_default,
        pem=Secret("certificate and key\n"),
    )


def at(**options: bool) -> Place:
    return Place(service="edge", root=PurePosixPath("/srv"), **options)


def found(path: str, given: tuple[Piece, ...]) -> Piece:
    return next(piece for piece in given if piece.path == path)


def test_a_name_changes_with_the_content_the_place_the_kind_and_the_service_alone() -> None:
    first, again = pieces(bundle(), (), at()), pieces(bundle(), (), at())
    assert first == again
    other = pieces(bundle(**{"nginx.conf": b"events {} #\n"}), (), at())
    assert [one.name == two.name for one, two in zip(first, other, strict=True)] == [False, True, True]
    elsewhere = pieces(bundle(), (), Place(service="edge2", root=PurePosixPath("/srv")))
    assert not {one.name for one in first} & {one.name for one in elsewhere}


@pytest.mark.parametrize("service", ["edge", "e" * 63, "-", "Überall", "a/b\n"])
def test_every_name_is_one_that_managers_take(service: str) -> None:
    made = pieces(bundle(**{"auth/users_1": b"x"}), (), Place(service=service, root=PurePosixPath("/srv")))
    assert [one.name for one in made if not NAME.fullmatch(one.name) or len(one.name) > 64] == []


def test_what_is_private_is_a_secret_and_what_is_secret_is_not_shown() -> None:
    made = pieces(bundle(**{"auth/users_1": b"alice:hash"}), (), at())
    assert [one.path for one in made if one.is_secret] == ["/srv/current/auth/users_1"]
    assert "hash" not in repr(made)


def test_an_empty_file_is_kept_as_an_empty_line() -> None:
    assert found("/srv/current/empty.map", pieces(bundle(**{"empty.map": b""}), (), at())).content == b"\n"


def test_the_release_in_words_is_packed_alike_each_time() -> None:
    packed = found("/srv/current/release.json.gz", pieces(bundle(), (), at()))
    assert gzip.decompress(packed.content) == b"{}"


def test_only_certificates_that_the_files_name_are_given_to_the_tasks() -> None:
    named = certificate("shop", "/srv/current/certs/shop.pem")
    other = certificate("other", "/srv/current/certs/other.pem")
    default = certificate("default", "/srv/tls/default.both", is_default=True)
    conf = b"ssl_certificate /srv/current/certs/shop.pem;\nssl_certificate /srv/tls/default.both;\n"
    made = [one for one in pieces(bundle(**{"nginx.conf": conf}), (named, other, default), at()) if one.is_secret]
    assert [(one.path, one.until) for one in made] == [
        ("/srv/current/certs/shop.pem", 0),
        ("/srv/tls/default.both", 1000),
    ]


def test_a_key_is_readable_by_root_alone_where_the_master_is_root() -> None:
    key = certificate("shop", "/srv/current/certs/shop.pem")
    files = {"auth/users_1": b"alice:hash", "nginx.conf": b"ssl_certificate /srv/current/certs/shop.pem;"}

    def modes(place: Place) -> dict[str, str]:
        return {one.path.rpartition("/")[2]: oct(one.mode) for one in pieces(bundle(**files), (key,), place)}

    unknown = modes(at())
    assert (unknown["shop.pem"], unknown["users_1"]) == ("0o444", "0o444")
    workers = modes(at(has_root=True, workers_read=True))
    assert (workers["shop.pem"], workers["users_1"], workers["nginx.conf"]) == ("0o400", "0o444", "0o444")
    master = modes(at(has_root=True))
    assert (master["shop.pem"], master["users_1"]) == ("0o400", "0o400")


def test_what_is_too_large_for_a_swarm_is_packed() -> None:
    content = b"server {}\n" * (LARGEST // 10 + 1)
    packed = found("/srv/current/nginx.conf.gz", pieces(bundle(**{"nginx.conf": content}), (), at()))
    assert packed.unpacked == "/srv/current/nginx.conf"
    assert gzip.decompress(packed.content) == content
    fits = found("/srv/current/nginx.conf", pieces(bundle(**{"nginx.conf": content[:LARGEST]}), (), at()))
    assert (fits.unpacked, len(fits.content)) == ("", LARGEST)
