"""One bad file is one problem, and the others are served."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gen.errors import Problem
from gen.sources.certificates import read_certificates
from tests.support.tls import NOW, key_pem, make_authority, make_certificate, make_key

# Signed with SHA-1 by another key. No library of today writes one.
SHA1 = b"""-----BEGIN CERTIFICATE-----
MIIBEjCBugIBBTAJBgcqhkjOPQQBMBExDzANBgNVBAMMBk9sZCBDQTAgFw0yNjEx
MjMxOTUxMDdaGA8yMTI2MTAzMDE5NTEwN1owGjEYMBYGA1UEAwwPb2xkLmV4YW1w
bGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEWbleGImvnmf+/Mw8Xn8u
Vs9XSFBU4uEgUBFOd8AiQWHkwUAE49B+6oEh0ZdTabUnMWnNK0BDKNetRyYjE9j9
gjAJBgcqhkjOPQQBA0gAMEUCIQCD74c3+MotbHyLwn7Z/4O/5xljYs7Q6pKuXnXT
uKz8/QIgaPlD9be8APU4Ro9Jm2kutAIgUDo7cco34ekiJdrPENM=
-----END CERTIFICATE-----
"""


def only_problem(directory: Path, *, served: tuple[str, ...] = ("good",)) -> Problem:
    make_certificate(directory, "good", names=("good.test",))
    certificates, problems = read_certificates(str(directory), now=NOW)
    assert tuple(each.name for each in certificates) == served
    (problem,) = problems
    assert problem.origin.source == "certificates"
    return problem


def test_a_certificate_without_a_key(tmp_path: Path) -> None:
    make_certificate(tmp_path, "a", names=("a.test",)).key.unlink()
    problem = only_problem(tmp_path)
    assert str(problem) == f"{tmp_path}/a.crt: is a certificate without a key (put the key beside it)"


@pytest.mark.parametrize("name", ["a.key", "a.pem", "a/privkey.pem"])
def test_a_key_without_a_certificate(tmp_path: Path, name: str) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / name).write_bytes(key_pem(make_key()))
    problem = only_problem(tmp_path)
    assert (problem.severity, problem.message) == ("warning", "is a key without a certificate")


def test_a_key_that_does_not_match(tmp_path: Path) -> None:
    make_certificate(tmp_path, "a", names=("a.test",)).key.write_bytes(key_pem(make_key()))
    assert "does not match the certificate a.crt" in only_problem(tmp_path).message


def test_a_chain_that_begins_at_the_wrong_end(tmp_path: Path) -> None:
    authority = make_authority()
    made = make_certificate(tmp_path, "a", names=("a.test",), ca=authority)
    leaf = made.certificate.read_bytes().removesuffix(authority.pem)
    made.certificate.write_bytes(authority.pem + leaf)
    assert only_problem(tmp_path).message == "does not begin with the key's certificate"


def test_an_expired_certificate_is_kept_out(tmp_path: Path) -> None:
    make_certificate(tmp_path, "a", names=("a.test",), not_before_days=-90, days=-1)
    problem = only_problem(tmp_path)
    assert (problem.severity, problem.message) == ("error", "the certificate expired on 2026-05-31 and is not served")


def test_a_certificate_that_is_not_valid_yet_is_told_and_kept(tmp_path: Path) -> None:
    make_certificate(tmp_path, "a", names=("a.test",), not_before_days=2)
    assert only_problem(tmp_path, served=("a", "good")).message == "the certificate is not valid before 2026-06-03"


def test_a_certificate_that_ends_soon_is_told_and_kept(tmp_path: Path) -> None:
    make_certificate(tmp_path, "a", names=("a.test",), days=13)
    problem = only_problem(tmp_path, served=("a", "good"))
    assert (problem.severity, problem.message) == ("warning", "the certificate expires on 2026-06-14")


@pytest.mark.parametrize("content", [b"", b"\x30\x82\x01\x0a", b"hello\n"])
def test_what_is_not_pem(tmp_path: Path, content: bytes) -> None:
    make_certificate(tmp_path, "a", names=("a.test",)).certificate.write_bytes(content)
    assert only_problem(tmp_path).message == "is not a certificate in PEM"


@pytest.mark.parametrize("kind", ["CERTIFICATE", "PRIVATE KEY"])
def test_pem_that_cannot_be_parsed(tmp_path: Path, kind: str) -> None:
    made = make_certificate(tmp_path, "a", names=("a.test",))
    broken = f"-----BEGIN {kind}-----\nAAAA\n-----END {kind}-----\n".encode()
    (made.certificate if kind == "CERTIFICATE" else made.key).write_bytes(broken)
    assert "cannot be parsed" in only_problem(tmp_path).message


def test_an_encrypted_key(tmp_path: Path) -> None:
    make_certificate(tmp_path, "a", names=("a.test",)).key.write_bytes(key_pem(make_key(), password=b"x"))
    assert only_problem(tmp_path).message == "the key is encrypted"


def test_a_short_rsa_key(tmp_path: Path) -> None:
    make_certificate(tmp_path, "a", names=("a.test",), key="weak-rsa")
    assert "RSA key of 1024 bits" in only_problem(tmp_path).message


def test_a_signature_with_sha1(tmp_path: Path) -> None:
    made = make_certificate(tmp_path, "a", names=("a.test",))
    made.certificate.write_bytes(SHA1)
    assert "signed with SHA-1" in only_problem(tmp_path).message


def test_a_certificate_that_names_no_host_waits_for_a_label(tmp_path: Path) -> None:
    make_certificate(tmp_path, "a", names=(), common_name="Our Company")
    assert only_problem(tmp_path, served=("a", "good")).message == "the certificate names no host"


def test_the_common_name_counts_only_without_alternative_names(tmp_path: Path) -> None:
    make_certificate(tmp_path, "a", names=(), common_name="Old.test")
    make_certificate(tmp_path, "b", names=("new.test",), common_name="old.test")
    certificates, problems = read_certificates(str(tmp_path), now=NOW)
    assert ([each.names for each in certificates], problems) == ([("old.test",), ("new.test",)], ())


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    made = make_certificate(tmp_path, "a", names=("a.test",))
    made.key.unlink()
    made.key.symlink_to("gone")
    problem = only_problem(tmp_path)
    assert problem.message.startswith("cannot be read")
    assert problem.origin.file == str(made.key)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.pem")
    assert only_problem(tmp_path).message == "is not a file"


@pytest.mark.parametrize("name", ["*.example.com", "a b", "a;b", "ü", "caf\udce9"])
def test_a_name_that_a_label_could_not_write(tmp_path: Path, name: str) -> None:
    make_certificate(tmp_path, name, names=("a.test",))
    problem = only_problem(tmp_path)
    assert "is not a name for a certificate" in problem.message
    assert str(problem).encode("utf-8")


def test_an_authority_and_parameters_beside_the_certificates_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_bytes(make_authority().pem)
    (tmp_path / "dh.pem").write_bytes(b"-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n")
    (tmp_path / "README").write_text("certificates")
    (tmp_path / "archive").mkdir()
    assert read_certificates(str(tmp_path), now=NOW) == ((), ())
