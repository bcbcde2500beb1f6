"""Conditions: what a choice asks beside host and path, as named ACLs.

A Match goes in, Tests come out: all of them have to hold. Equal tests of any routes share one name. The tests of one
name are alternatives, as HAProxy has it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from gen.build.names import identifier
from gen.decide import query_pattern
from gen.model import Match
from gen.proxies.haproxy.literal import Expression, Word, argument, exactly
from gen.received import COMPUTED, PASSED
from gen.values import Condition, Regex

HOST = Expression("var(txn.host)")
PATH = Expression("var(txn.path)")
"""The path as it is compared: decoded and normalised."""
_SOMETHING = "1:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """`acl NAME fetch -m matching -- pattern`; no matching: the one that the fetch has of its own."""

    fetch: Expression
    matching: Word
    pattern: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """One named ACL; it holds where any of its lines does. `absent`: one that holds where this one certainly does not,
    of a regex that HAProxy may give up on or that may meet too long a text: it says that it found nothing then.
    `field`: the header field of the client that it reads."""

    name: Word
    lines: tuple[Line, ...]
    absent: Test | None = None
    field: str = ""


def tests(match: Match) -> tuple[Test, ...]:
    """What has to hold for a choice; nothing when it asks nothing."""
    found = [_test(_line(HOST, "reg", host.pattern)) for host in match.hosts if host.regex is not None]
    if match.path.regex is not None:
        found.append(_searched(PATH, match.path.regex))
    if match.methods:
        found.append(_test(*(_line(Expression("method"), "", method) for method in match.methods)))
    for name, condition in match.headers:
        own = "" if name.lower() in COMPUTED - PASSED else name.lower()
        found.append(replace(_header(name, condition), field=own))
    found.extend(_query(name, condition) for name, condition in match.query)
    if match.clients:
        networks = (part for client in match.clients for part in client.in_ipv6)
        found.append(_test(*(_line(Expression("src"), "ip", str(network)) for network in networks)))
    return tuple(found)


def _searched(fetch: Expression, regex: Regex, nothing: Line | None = None, *, empty: bool = False) -> Test:
    """A regex over a fetch. `nothing`: the line that holds where there is nothing to fetch, which counts as empty."""
    is_certain = not (regex.has_limit or regex.is_deep)
    lines = [_line(fetch, "reg", regex.within if regex.has_limit else regex.pcre)]
    found = _test(*lines, *([nothing] if nothing and empty else ()))
    if is_certain:
        return found
    return replace(found, absent=_test(_line(fetch, "reg", regex.absent), *([nothing] if nothing else ())))


def _header(name: str, condition: Condition) -> Test:
    """A header's test. A regex may also be met by its absence, which counts as empty."""
    fetch = HOST if name.lower() == "host" else Expression(f"req.fhdr({name.lower()})")
    if condition.kind == "present":
        return _test(_line(fetch, "len", _SOMETHING))
    if condition.regex is None:
        return _test(_line(fetch, "reg", rf"^{exactly(condition.text)}\z"))
    nothing = _line(Expression(f"req.fhdr_cnt({name.lower()})"), "int", "0")
    return _searched(fetch, condition.regex, nothing, empty=condition.matches(""))


def _query(name: str, condition: Condition) -> Test:
    """A query parameter's test: a regex sees the raw value of the first one of that name, empty without one."""
    query = Expression("query")
    if condition.regex is None:
        return _test(_line(query, "reg", query_pattern(name, condition)))
    first = argument(rf"(?si)^(?:.*?&)??{exactly(name)}=([^&]*).*\z|^.*\z")
    raw = Expression(f"query,regsub({first},{argument(chr(92) + '1')})")
    nothing = _line(Expression("url"), "reg", r"^[^?]*\z")
    return _searched(raw, condition.regex, nothing, empty=condition.matches(""))


def _line(fetch: Expression, matching: str, pattern: str) -> Line:
    return Line(fetch=fetch, matching=Word(matching), pattern=pattern)


def _test(*lines: Line) -> Test:
    name = identifier(*(part for line in lines for part in (line.fetch, line.matching, line.pattern)), shown="if")
    return Test(name=Word(name), lines=lines)
