"""Calculate what a pattern costs at most, and write it so that it costs no more: a tree → steps and text.

A backtracking engine takes a *step* for each alternative, each end of a repetition and each start that it tries, and an
eighth of one for each byte that it compares. Where the next byte alone decides whether a repetition goes on or ends,
nothing is ever tried again there: the repetition is *settled*, and is written possessive (`++`). All others are *open*
and may end at each of their bytes. The number of open ones in a row, and the start of a pattern that is not anchored,
make the degree of the polynomial in the subject's length that bounds the steps. Of an open repetition all ends but one
may fail on what follows within a few bytes, as in `[a-z-]*[a-z]\\.`: it is *loose*, and does not add to the degree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest
from math import factorial

from gen.values.regex_shape import first, shortest, simplified, size, trimmed
from gen.values.regex_syntax import Chars, Choice, Edge, Node, RefusedError, Repeat, Sequence

Steps = tuple[float, ...]
"""Coefficients c of the sum of c·nᵈ/d!: so many ways there are to put d ends in order into n bytes."""

_BYTE = 1 / 8
_ONE: Steps = (1.0,)
_ENDS: Steps = (1.0, 1.0)
_MOST_PARTS = 1000
"""Proxies write out a bounded repetition of a group: more than these do not fit into their compiled patterns."""
_SHALLOW = 32
"""Rounds of a group for which every engine has memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a part of a pattern comes to. `ways`: in how many ways it can match and leave the rest something to try;
    `steps` for all of them. `deep`: an engine needs memory for each round of a repetition. `loose`: what follows
    decides on an end in it, so that nothing around it is possessive. In `written` the end of the subject is `$`."""

    ways: Steps
    steps: Steps
    written: str
    deep: bool = False
    loose: bool = False


def cost(steps: Steps, length: int) -> float:
    """The steps for a subject of so many bytes."""
    return float(sum(each * length**degree / factorial(degree) for degree, each in enumerate(steps)))


def whole(tree: Choice) -> Part:
    """A whole pattern, searched for. Raises RefusedError."""
    if size(tree) > _MOST_PARTS:
        raise RefusedError(f"written out, its repetitions have more than {_MOST_PARTS:,} parts")
    reckoning = _Reckoning(tries=float(size(tree)))
    found = [reckoning.searched(trimmed(simplified(branch))) for branch in tree.branches]
    return Part(
        ways=_ONE,
        steps=_sum(part.steps for part in found),
        written="|".join(part.written for part in found),
        deep=any(part.deep for part in found),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reckoning:
    """Reckons one pattern, part by part. `tries`: so many alternatives are tried at one position at most.
    `follow`, everywhere: with which bytes that may begin which comes behind a part."""

    tries: float

    def searched(self, branch: Sequence) -> Part:
        """A branch at every start, or with `^` at the first one alone."""
        if not branch:
            return Part(ways=_ONE, steps=_ONE, written="^")
        if branch[0] == Edge(written="^"):
            return self.sequence(branch, 0)
        return self.sequence(branch, 0, starts=_ENDS)

    def sequence(self, nodes: Sequence, follow: int, starts: Steps = _ONE) -> Part:
        """Nodes one after another. A literal text has fewer places than there are starts and ends before it."""
        ways, steps = starts, starts
        run: list[int] | None = [] if len(starts) > 1 else None
        parts: list[Part] = []
        for position, node in enumerate(nodes):
            part = self.node(node, nodes[position + 1 :], follow)
            if run is not None and not (isinstance(node, Chars) and _is_letter(node.allowed)):
                ways, run = tuple(each / _period(run) for each in ways), None
            if run is not None and isinstance(node, Chars):
                run.append(node.allowed)
            steps, ways = _sum((steps, _product(ways, part.steps))), _product(ways, part.ways)
            run = [] if len(part.ways) > 1 else run
            parts.append(part)
        return Part(
            ways=ways,
            steps=steps,
            written="".join(part.written for part in parts),
            deep=any(part.deep for part in parts),
            loose=any(part.loose for part in parts),
        )

    def node(self, node: Node, rest: Sequence, follow: int) -> Part:
        if isinstance(node, (Chars, Edge)):
            return Part(ways=_ONE, steps=(_BYTE,), written=node.written)
        if isinstance(node, Choice):
            return self.choice(node, first(rest, follow))
        if isinstance(node.body, Chars):
            return self.repeated_chars(node, node.body, rest, follow)
        if node.high == 1:
            return self.optional(node, node.body, first(rest, follow))
        return self.repeated(node, node.body, first(rest, follow))

    def choice(self, node: Choice, follow: int) -> Part:
        """Alternatives: those that may begin with the same byte are all tried."""
        parts = [self.sequence(branch, follow) for branch in node.branches]
        firsts = [first(branch, follow) for branch in node.branches]
        together = {tuple(n for n, own in enumerate(firsts) if own >> byte & 1) for byte in range(257)}
        ways = _most(_sum(parts[number].ways for number in numbers) for numbers in together if numbers)
        steps = _most(_sum(parts[number].steps for number in numbers) for numbers in together if numbers)
        tries = float(len(parts))
        return Part(
            ways=_most((ways, _ONE)),
            steps=_sum((steps, (tries,))),
            written="(?:" + "|".join(part.written for part in parts) + ")",
            deep=any(part.deep for part in parts),
            loose=any(part.loose for part in parts),
        )

    def repeated_chars(self, node: Repeat, body: Chars, rest: Sequence, follow: int) -> Part:
        """A repetition of one byte: engines keep nothing for each round."""
        reads: Steps = (1.0, _BYTE) if node.high is None else (1 + node.high * _BYTE,)
        if body.allowed & first(rest, follow) == 0 or node.low == node.high:
            written = body.written + _quantifier(node, settled=node.low != node.high)
            return Part(ways=_ONE, steps=reads, written=written)
        ends = _ends(node)
        written = body.written + _quantifier(node, settled=False)
        if ahead := _decided(body.allowed, rest, follow):
            is_read = all(isinstance(each, Chars) for each in rest[:ahead]) and (len(rest) >= ahead or not follow)
            each = 1 + ahead * _BYTE + (0.0 if is_read else self.tries)
            return Part(ways=_ONE, steps=_sum((reads, _product(ends, (each,)))), written=written, loose=True)
        return Part(ways=ends, steps=_sum((reads, ends)), written=written)

    def repeated(self, node: Repeat, body: Choice, follow: int) -> Part:
        """A repetition of a group."""
        if shortest(body) == 0:
            raise RefusedError("what is repeated can be empty")
        own = first((body,), 0)
        part = self.choice(body, own | follow)
        if part.ways != _ONE:
            raise RefusedError(
                "in a repeated group a text can be read in more than one way, which may take exponential time; let"
                " alternatives begin with different characters, and a repetition in it end where something else begins,"
                " as in (?:/[^/]+)*"
            )
        each = sum(part.steps) + 1  # for each byte of a round, which has one at least
        rounds: Steps = (each, each) if node.high is None or len(part.steps) > 1 else (each * node.high,)
        decided = own & follow == 0
        settled = decided and not part.loose
        ends = _ONE if decided or node.low == node.high else _ends(node)
        return Part(
            ways=ends,
            steps=_sum((rounds, part.steps, ends)),
            written=("(?:" if part.loose else "(?>") + part.written[3:] + _quantifier(node, settled=settled),
            deep=part.deep or ((node.high or _SHALLOW + 1) > _SHALLOW and not (settled and node.high is None)),
            loose=part.loose,
        )

    def optional(self, node: Repeat, body: Choice, follow: int) -> Part:
        """A group that may be missing."""
        part = self.choice(body, follow)
        decided = first((body,), 0) & follow == 0 and shortest(body) > 0
        settled = decided and part.ways == _ONE and not part.loose
        return Part(
            ways=_most((part.ways, _ONE)) if decided else _sum((part.ways, _ONE)),
            steps=_sum((part.steps, _ONE)),
            written=part.written + _quantifier(node, settled=settled),
            deep=part.deep,
            loose=part.loose,
        )


def _decided(body: int, rest: Sequence, follow: int) -> int:
    """How many bytes behind it leave only one end of a repetition; 0 where several may be left.

    Two ends stand some bytes apart, and all of these bytes are of the body. So they exclude each other where what
    follows the first one has a byte there that the body has not, or that does not go with what follows the second one.
    """
    ahead: list[int] = []
    for node in rest:
        if not isinstance(node, Chars):
            ahead.append(first((node,), 0) if not isinstance(node, Repeat) or node.low else first(rest, follow))
            break
        ahead.append(node.allowed)
    else:
        ahead.append(follow)
    stop = next((place for place, allowed in enumerate(ahead, 1) if allowed & body == 0), 0)
    for apart in range(1, stop):
        if all(later & sooner for later, sooner in zip(ahead[apart:], ahead, strict=False)):
            return 0
    return stop


def _ends(node: Repeat) -> Steps:
    return _ENDS if node.high is None else (node.high - node.low + 1.0,)


def _period(run: list[int]) -> int:
    """How far apart two places of a text are at least."""
    return next((shift for shift in range(1, len(run)) if run[shift:] == run[:-shift]), max(len(run), 1))


def _is_letter(allowed: int) -> bool:
    """Whether it is one byte, or a letter in either case."""
    return allowed.bit_count() == 1 or (allowed.bit_count() == 2 and allowed & (allowed >> 32) != 0)


def _quantifier(node: Repeat, *, settled: bool) -> str:
    marks = {(0, None): "*", (1, None): "+", (0, 1): "?"}
    if node.low == node.high:
        return f"{{{node.low}}}" if node.low > 1 else ""
    own = marks.get((node.low, node.high)) or f"{{{node.low},{'' if node.high is None else node.high}}}"
    return own + ("+" if settled else "?" if node.lazy else "")


def _sum(several: Iterable[Steps]) -> Steps:
    return tuple(map(sum, zip_longest(*several, fillvalue=0.0)))


def _most(several: Iterable[Steps]) -> Steps:
    return tuple(map(max, zip_longest(*several, (0.0,), fillvalue=0.0)))


def _product(one: Steps, other: Steps) -> Steps:
    found = [0.0] * (len(one) + len(other) - 1)
    for degree, each in enumerate(one):
        for more, times in enumerate(other):
            found[degree + more] += each * times
    return tuple(found)
