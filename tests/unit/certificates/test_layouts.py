"""Where certificates may lie in a directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from gen.errors import SettingsError
from gen.sources.certificates import CertificateDirectory, read_certificates
from tests.support.tls import NOW, make_authority, make_certificate


@pytest.mark.parametrize(
    "files",
    [
        ("{name}.crt", "{name}.key"),
        ("{name}.pem", "{name}.key"),
        ("{name}.cer", "{name}.key"),
        ("{name}.pem", "{name}-key.pem"),
        ("{name}/fullchain.pem", "{name}/privkey.pem"),
        ("{name}/fullchain.pem", "{name}/key.pem"),
        ("{name}/cert.pem", "{name}/key.pem"),
        ("{name}/tls.crt", "{name}/tls.key"),
    ],
)
def test_each_layout_is_understood(tmp_path: Path, files: tuple[str, str]) -> None:
    made = make_certificate(tmp_path, "shop", names=("B.example.com", "a.example.com", "192.0.2.1"), files=files)
    (certificate,), problems = read_certificates(str(tmp_path), now=NOW)
    assert problems == ()
    assert certificate.name == "shop"
    assert certificate.names == ("192.0.2.1", "a.example.com", "b.example.com")
    assert (certificate.certificate_file, certificate.key_file) == (str(made.certificate), str(made.key))
    assert certificate.not_after - certificate.not_before == 91 * 86400


def test_one_file_may_hold_certificate_and_key(tmp_path: Path) -> None:
    made = make_certificate(tmp_path / "elsewhere", "a", names=("a.test",), ca=make_authority())
    (tmp_path / "a.pem").write_bytes(made.combined())
    (certificate,), problems = read_certificates(str(tmp_path), now=NOW)
    assert problems == ()
    assert certificate.certificate_file == certificate.key_file == str(tmp_path / "a.pem")


def test_links_of_a_mounted_secret_are_followed_and_its_hidden_folders_are_not_read_twice(tmp_path: Path) -> None:
    make_certificate(tmp_path / "..2026_06_01", "tls", names=("a.test",))
    (tmp_path / "..data").symlink_to("..2026_06_01")
    (tmp_path / "tls.crt").symlink_to("..data/tls.crt")
    (tmp_path / "tls.key").symlink_to("..data/tls.key")
    (certificate,), problems = read_certificates(str(tmp_path), now=NOW)
    assert (certificate.name, problems) == ("tls", ())


def test_a_link_beside_the_folder_that_it_leads_to_is_one_certificate(tmp_path: Path) -> None:
    make_certificate(tmp_path, "a.test", names=("a.test",), files=("{name}/fullchain.pem", "{name}/key.pem"))
    (tmp_path / "a.test.crt").symlink_to("a.test/fullchain.pem")
    (tmp_path / "a.test.key").symlink_to("a.test/key.pem")
    (certificate,), problems = read_certificates(str(tmp_path), now=NOW)
    assert certificate.certificate_file == str(tmp_path / "a.test.crt")
    assert problems == ()


def test_two_certificates_of_one_name_are_told(tmp_path: Path) -> None:
    make_certificate(tmp_path, "a", names=("one.test",))
    make_certificate(tmp_path, "a", names=("two.test",), files=("{name}/cert.pem", "{name}/key.pem"))
    (certificate,), (problem,) = read_certificates(str(tmp_path), now=NOW)
    assert certificate.names == ("one.test",)
    assert problem.origin.file == str(tmp_path / "a/cert.pem")


def test_paths_are_told_as_the_proxy_sees_them(tmp_path: Path) -> None:
    make_certificate(tmp_path, "a", names=("a.test",), files=("{name}/cert.pem", "{name}/key.pem"))
    (certificate,), _ = read_certificates(str(tmp_path), inside="/etc/proxy/certs", now=NOW)
    assert certificate.certificate_file == "/etc/proxy/certs/a/cert.pem"
    assert certificate.key_file == "/etc/proxy/certs/a/key.pem"


def test_the_certificate_called_default_is_the_default(tmp_path: Path) -> None:
    make_certificate(tmp_path, "default", names=("a.test",))
    make_certificate(tmp_path, "other", names=("b.test",))
    certificates, _ = read_certificates(str(tmp_path), now=NOW)
    assert [each.is_default for each in certificates] == [True, False]


def test_a_missing_directory_ends_the_run(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="missing"):
        read_certificates(str(tmp_path / "missing"), now=NOW)


def test_an_unchanged_pair_is_not_opened_again_and_a_renewed_one_is(tmp_path: Path) -> None:
    make_certificate(tmp_path, "a", names=("a.test",))
    directory = CertificateDirectory(str(tmp_path))
    first, _ = directory.read(NOW)
    pairs = [found.pair for found in directory._known.values()]
    second, _ = directory.read(NOW)
    assert second == first
    assert all(a is b.pair for a, b in zip(pairs, directory._known.values(), strict=True))
    make_certificate(tmp_path, "a", names=("a.test", "b.test"))
    (renewed,), _ = directory.read(NOW)
    assert renewed.names == ("a.test", "b.test")
    assert renewed.fingerprint != first[0].fingerprint


def test_a_remembered_certificate_still_expires(tmp_path: Path) -> None:
    make_certificate(tmp_path, "a", names=("a.test",), days=20)
    directory = CertificateDirectory(str(tmp_path))
    assert directory.read(NOW)[1] == ()
    assert directory.read(NOW + 10 * 86400)[1][0].severity == "warning"
    certificates, (problem,) = directory.read(NOW + 21 * 86400)
    assert (certificates, problem.severity) == ((), "error")
