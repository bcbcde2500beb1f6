"""Amounts: what is read, how it is written again, what is refused and with which words."""

from __future__ import annotations

import pytest

from gen.errors import BadValue
from gen.values import Duration, Rate, Share, Size, Status, StatusTtl, boolean, integer


@pytest.mark.parametrize(
    ("text", "milliseconds", "written"),
    [
        ("0", 0, "0s"),
        ("500ms", 500, "500ms"),
        ("10s", 10_000, "10s"),
        ("90s", 90_000, "90s"),
        ("1h30m", 5_400_000, "90m"),
        ("1500ms", 1500, "1500ms"),
        ("48H", 172_800_000, "2d"),
        ("2w", 1_209_600_000, "2w"),
    ],
)
def test_a_duration_is_read_with_its_unit(text: str, milliseconds: int, written: str) -> None:
    duration = Duration.parse(text)
    assert (duration.milliseconds, str(duration)) == (milliseconds, written)
    assert Duration.parse(str(duration)) == duration


@pytest.mark.parametrize("text", ["", "10", "-1s", "1.5s", "s", "1 s", "1y", "10s ", "١s"])
def test_what_is_no_duration_is_told_about_units(text: str) -> None:
    with pytest.raises(BadValue, match=r"is not a duration \(a number needs a unit: .*\); write for example 10s"):
        Duration.parse(text)


def test_a_duration_has_a_limit() -> None:
    assert Duration.parse("3650d").seconds == 315_360_000
    with pytest.raises(BadValue, match="at most ten years"):
        Duration.parse("3651d")


@pytest.mark.parametrize(
    ("text", "size", "written"),
    [
        ("0", 0, "0"),
        ("512", 512, "512"),
        ("512b", 512, "512"),
        ("64k", 65_536, "64k"),
        ("8M", 8_388_608, "8m"),
        ("8mb", 8_388_608, "8m"),
        ("1GiB", 1_073_741_824, "1g"),
        ("2t", 2_199_023_255_552, "2048g"),
    ],
)
def test_a_size_is_in_powers_of_1024(text: str, size: int, written: str) -> None:
    parsed = Size.parse(text)
    assert (parsed.bytes, str(parsed)) == (size, written)
    assert Size.parse(str(parsed)) == parsed


@pytest.mark.parametrize("text", ["", "m", "-1", "1.5m", "8 m", "8p", "8mm", "0x10", "8bb", "8bib"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match="is not a size; write for example 8m"):
        Size.parse(text)


def test_a_size_has_a_limit() -> None:
    with pytest.raises(BadValue, match="at most 8192t"):
        Size.parse("999999t")


@pytest.mark.parametrize(
    ("text", "count", "period", "written"),
    [("10/s", 10, 1, "10/s"), ("100/m", 100, 60, "100/m"), ("5/H", 5, 3600, "5/h"), ("7/min", 7, 60, "7/m")],
)
def test_a_rate_is_a_count_in_a_period(text: str, count: int, period: int, written: str) -> None:
    rate = Rate.parse(text)
    assert (rate.count, rate.period, str(rate)) == (count, period, written)
    assert Rate.parse(str(rate)) == rate


@pytest.mark.parametrize("text", ["", "often", "10", "0/s", "10/d", "-1/s", "10 /s", "10/ms"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match="is not a rate; write for example 10/s"):
        Rate.parse(text)


@pytest.mark.parametrize(("text", "value"), [("Yes", True), ("on", True), ("1", True), ("OFF", False), ("no", False)])
def test_a_boolean_has_several_words(text: str, value: bool) -> None:
    assert boolean(text) is value


def test_a_boolean_is_no_guess() -> None:
    with pytest.raises(BadValue, match="'enabled' is not yes or no"):
        boolean("enabled")


@pytest.mark.parametrize("text", ["", "1_000", "+1", " 1", "1.0", "٣", "12345678901"])
def test_a_number_is_ascii_digits(text: str) -> None:
    with pytest.raises(BadValue, match="is not a whole number"):
        integer(text)


def test_a_number_has_bounds() -> None:
    assert integer("-3", least=-3) == -3
    with pytest.raises(BadValue, match="'0' is not a number from 1 to 5; write for example 1"):
        integer("0", least=1, most=5)


@pytest.mark.parametrize("text", ["199", "600", "20", "2000", "abc", ""])
def test_a_status_is_from_200_to_599(text: str) -> None:
    assert str(Status.parse("404")) == "404"
    with pytest.raises(BadValue, match="is not an HTTP status"):
        Status.parse(text)


@pytest.mark.parametrize(("text", "written"), [("10m", "10m"), ("404:60s", "404:1m"), ("404 : 1m", "404:1m")])
def test_a_time_to_live_may_be_of_one_status(text: str, written: str) -> None:
    assert str(StatusTtl.parse(text)) == written
    assert StatusTtl.parse(written) == StatusTtl.parse(text)


@pytest.mark.parametrize("text", ["", "404:", ":1m", "999:1m", "404:1m:2m"])
def test_what_is_no_time_to_live_shows_both_forms(text: str) -> None:
    with pytest.raises(BadValue, match="write for example 10m or 404:1m"):
        StatusTtl.parse(text)


@pytest.mark.parametrize(("text", "percent"), [("30%", 30), ("30", 30), ("0", 0), ("100 %", 100)])
def test_a_share_is_read_with_or_without_its_sign(text: str, percent: int) -> None:
    assert Share.parse(text).percent == percent
    assert str(Share.parse(text)) == f"{percent}%"


@pytest.mark.parametrize("text", ["", "%", "101%", "-1%", "0.3", "a third", "٣%"])
def test_what_is_no_share_is_told_what_would_be(text: str) -> None:
    with pytest.raises(BadValue, match="is not a share from 0% to 100%; write for example 30%"):
        Share.parse(text)
