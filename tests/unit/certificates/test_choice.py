"""Which certificate fits a host."""

from __future__ import annotations

import pytest

from gen.certificate import Certificate, choose, covers


def certificate(*names: str, name: str = "any", after: float = 1000.0, before: float = 0.0) -> Certificate:
    return Certificate(
        name=name,
        names=tuple(sorted(names)),
        certificate_file=f"/certs/{name}.crt",
        key_file=f"/certs/{name}.key",
        not_before=before,
        not_after=after,
        fingerprint="00",
    )


@pytest.mark.parametrize(
    ("names", "host"),
    [
        (("shop.example.com",), "shop.example.com"),
        (("shop.example.com",), "SHOP.Example.com."),
        (("*.example.com",), "shop.example.com"),
        (("*.example.com",), "*.example.com"),
        (("*.example.com", "example.com"), ".example.com"),
        (("192.0.2.1",), "192.0.2.1"),
        (("2001:db8::1",), "[2001:DB8:0::1]"),
    ],
)
def test_a_certificate_covers_what_its_names_say(names: tuple[str, ...], host: str) -> None:
    assert covers(certificate(*names), host)


@pytest.mark.parametrize(
    ("names", "host"),
    [
        (("shop.example.com",), "example.com"),
        (("*.example.com",), "example.com"),
        (("*.example.com",), "a.b.example.com"),
        (("*.example.com",), "*.b.example.com"),
        (("*.example.com",), ".example.com"),
        (("example.com",), ".example.com"),
        (("shop.example.com",), "*.example.com"),
        (("*.0.2.1",), "192.0.2.1"),
        (("*.example.com",), "~^.example.com"),
        (("*.example.com",), ""),
        ((), "example.com"),
    ],
)
def test_a_certificate_covers_nothing_else(names: tuple[str, ...], host: str) -> None:
    assert not covers(certificate(*names), host)


def test_an_exact_name_is_chosen_before_a_wildcard_that_lasts_longer() -> None:
    exact = certificate("shop.example.com", name="z", after=500)
    wildcard = certificate("*.example.com", name="a", after=900)
    assert choose([wildcard, exact], "shop.example.com", 10) is exact


def test_an_expired_certificate_is_not_chosen_when_another_fits() -> None:
    expired = certificate("shop.example.com", after=5)
    wildcard = certificate("*.example.com")
    assert choose([expired, wildcard], "shop.example.com", 10) is wildcard
    assert choose([expired], "shop.example.com", 10) is expired


def test_a_certificate_of_tomorrow_waits_until_tomorrow() -> None:
    today, tomorrow = certificate("a.test", after=100), certificate("a.test", before=50, after=900)
    assert choose([today, tomorrow], "a.test", 10) is today
    assert choose([today, tomorrow], "a.test", 60) is tomorrow


def test_the_one_that_lasts_longest_is_chosen_and_then_the_first_by_name() -> None:
    short, long_b = certificate("a.test", name="a", after=100), certificate("a.test", name="b", after=200)
    long_c = certificate("a.test", name="c", after=200)
    assert choose([long_c, short, long_b], "a.test", 10) is long_b


def test_a_file_called_like_the_host_counts_for_nothing() -> None:
    assert choose([certificate("other.test", name="shop.test")], "shop.test", 10) is None
