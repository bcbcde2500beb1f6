"""The certificate for hosts that no other covers."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from gen.errors import DirectoryError, SettingsError
from gen.sources.certificates import read_certificates
from gen.sources.default_certificate import ensure_default
from tests.support.tls import NOW, make_certificate

TEN_YEARS = 3650 * 86400


def test_it_is_made_where_there_is_none(tmp_path: Path) -> None:
    made = ensure_default(str(tmp_path / "new"), now=NOW)
    assert (made.name, made.names, made.is_default) == ("default", ("fairway.invalid",), True)
    assert made.not_after - made.not_before == TEN_YEARS
    assert made.not_before < NOW < made.not_after
    assert Path(made.key_file).stat().st_mode & 0o777 == 0o600
    assert sorted(each.name for each in (tmp_path / "new").iterdir()) == ["default.both", "default.crt", "default.key"]
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(made.certificate_file, made.key_file)


def test_it_is_kept_while_it_is_valid(tmp_path: Path) -> None:
    first = ensure_default(str(tmp_path), now=NOW)
    assert ensure_default(str(tmp_path), now=NOW + TEN_YEARS / 2) == first
    assert read_certificates(str(tmp_path), now=NOW) == ((first,), ())


def test_it_is_made_anew_before_it_ends(tmp_path: Path) -> None:
    first = ensure_default(str(tmp_path), now=NOW)
    assert ensure_default(str(tmp_path), now=NOW + TEN_YEARS).fingerprint != first.fingerprint


def test_it_is_made_anew_when_writing_was_cut_short(tmp_path: Path) -> None:
    first = ensure_default(str(tmp_path), now=NOW)
    Path(first.key_file).unlink()
    again = ensure_default(str(tmp_path), now=NOW)
    assert again.fingerprint != first.fingerprint


def test_somebodys_own_is_used(tmp_path: Path) -> None:
    make_certificate(tmp_path, "default", names=("corp.test",))
    assert ensure_default(str(tmp_path), inside="/certs", now=NOW).names == ("corp.test",)
    assert ensure_default(str(tmp_path), inside="/certs", now=NOW).key_file == "/certs/default.key"


def test_somebodys_own_is_never_overwritten(tmp_path: Path) -> None:
    made = make_certificate(tmp_path, "default", names=("corp.test",), days=30)
    before = made.combined()
    with pytest.raises(SettingsError, match="expired"):
        ensure_default(str(tmp_path), now=NOW + 40 * 86400)
    made.certificate.unlink()
    with pytest.raises(SettingsError, match=r"default\.crt"):
        ensure_default(str(tmp_path), now=NOW)
    assert made.key.read_bytes() in before


def test_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DirectoryError, match="cannot be written"):
        ensure_default(str(tmp_path / "file" / "below"), now=NOW)
