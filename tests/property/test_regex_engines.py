"""Whatever the pattern and the subject: PCRE2 finds what Python finds, and within the steps that were calculated."""

from __future__ import annotations

import random
import re
from contextlib import closing

import pytest

from gen.errors import BadValue
from gen.values import Regex
from gen.values.regex import MOST_STEPS
from gen.values.regex_cost import cost, whole
from gen.values.regex_syntax import parse
from tests.property import regexes
from tests.support.pcre import Gave, Pcre

WRITTEN = (*regexes.PATHS, *regexes.VALUES, *regexes.HOSTS)
BATCHES, BATCH = 6, 150


def accepted(batch: int) -> list[tuple[random.Random, Regex]]:
    """The random patterns of a batch that are not refused."""
    found: list[tuple[random.Random, Regex]] = []
    for seed in range(batch * BATCH, (batch + 1) * BATCH):
        chance = random.Random(seed)
        try:
            found.append((chance, Regex.parse(regexes.pattern(chance), shortest=253)))
        except BadValue:
            continue
    return found


def _steps_hold(regex: Regex, chance: random.Random, length: int) -> None:
    """One search from the first byte on, so that the engine's limit holds for all starts together."""
    steps = whole(parse(regex.text)[1]).steps
    flags = "(?i)" if regex.pcre.startswith("(?i)") else ""
    with closing(Pcre(rf"{flags}\A(?s:.*?)(?:{regex.pcre.removeprefix(flags)})")) as engine:
        for subject in regexes.subjects(regex.text, chance, length):
            limit = int(cost(steps, len(subject))) + 2 * len(subject) + 10
            try:
                engine.found(subject, limit=limit)
            except Gave:
                pytest.fail(f"{regex.text} takes more than {limit} steps for {subject[:60]!r}… of {len(subject)}")


@pytest.mark.parametrize("batch", range(BATCHES))
def test_random_patterns_keep_within_their_steps(batch: int) -> None:
    for chance, regex in accepted(batch):
        _steps_hold(regex, chance, 300)


@pytest.mark.parametrize("text", WRITTEN)
def test_patterns_that_people_write_keep_within_their_steps(text: str) -> None:
    _steps_hold(Regex.parse(text, shortest=253), random.Random(text), 1024)


@pytest.mark.parametrize("text", [text for text in WRITTEN if Regex.parse(text, shortest=253).has_limit])
def test_the_longest_subject_takes_no_more_steps_than_are_allowed(text: str) -> None:
    regex, chance = Regex.parse(text, shortest=253), random.Random(text)
    with closing(Pcre(regex.pcre)) as engine:
        for subject in regexes.subjects(text, chance, regex.longest):
            engine.found(subject, limit=MOST_STEPS)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_every_engine_finds_the_same(batch: int) -> None:
    for chance, regex in accepted(batch):
        flags, plain = "", regex.text.replace("$", r"\Z")
        original = re.compile((flags + plain).encode())
        with closing(Pcre(regex.pcre)) as interpreted, closing(Pcre(regex.pcre, jit=True)) as compiled:
            for subject in regexes.subjects(regex.text, chance, 8):
                expected = original.search(subject) is not None
                text = subject.decode("latin-1")
                answers = (regex.matches(text), interpreted.found(subject), compiled.found(subject))
                assert answers == (expected,) * 3, f"{regex.text} as {regex.pcre} in {subject!r}: {answers}"


@pytest.mark.parametrize("batch", range(BATCHES))
def test_the_compiled_pattern_gives_up_only_where_that_is_known(batch: int) -> None:
    for chance, regex in (
        *accepted(batch),
        *((random.Random(text), Regex.parse(text, shortest=253)) for text in WRITTEN),
    ):
        length = min(regex.longest, 6000)
        with closing(Pcre(regex.pcre, jit=True)) as here, closing(Pcre(regex.absent, jit=True)) as absent:
            for subject in regexes.subjects(regex.text, chance, length):
                try:
                    found = here.found(subject)
                except Gave:
                    assert regex.is_deep, f"{regex.text} as {regex.pcre} gives up"
                    with pytest.raises(Gave):
                        absent.found(subject)
                    continue
                assert found == regex.matches(subject.decode("latin-1"))
                if regex.is_deep:
                    assert _given_up(absent, subject) in (None, not found)


def _given_up(engine: Pcre, subject: bytes) -> bool | None:
    try:
        return engine.found(subject)
    except Gave:
        return None
