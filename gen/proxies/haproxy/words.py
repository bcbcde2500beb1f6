"""Words: what policies' templates may ask of a backend (`it`). Values in, words, formats, patterns out."""

from __future__ import annotations

from gen.policies import Retry, Sticky
from gen.policies.redirect import Target
from gen.policies.strip_prefix import Prefix
from gen.proxies.haproxy.literal import Expression, Format, Word, argument, exactly, format_of
from gen.proxies.haproxy.maps import encoded
from gen.settings import Settings
from gen.values import Cidr, CookieName, Duration, Key, Rate, Size

_PRESETS: dict[str, tuple[str, ...]] = {
    "https": ("https://", Expression("var(txn.host)")),
    "www": (Expression("var(txn.proto)"), "://www.", Expression("var(txn.apex)"), Expression("pathq")),
    "apex": (Expression("var(txn.proto)"), "://", Expression("var(txn.apex)"), Expression("pathq")),
}
_PARTS = {"$host": Expression("var(txn.host)"), "$path": Expression("path"), "$query": Expression("query")}
_FAILURES = {
    "error": ("conn-failure", "empty-response"),
    "timeout": ("conn-failure", "response-timeout"),
    "invalid_header": ("junk-response",),
    "non_idempotent": (),
    "off": (),
}
_BARE = "!$&'()*+,:;=@[]"
"""Characters that nginx leaves as they are in a path, and HAProxy encodes."""
_BUFFER = 15_000
"""Bytes of a body that a buffer of 16 KiB holds beside the headers."""


class Words:
    """The base of a backend."""

    settings: Settings

    @property
    def usual_retries(self) -> int:
        """How often a request is sent again where no policy says it."""
        raise NotImplementedError

    def word(self, *parts: object) -> Word:
        return Word("".join(map(str, parts)))

    def format(self, *parts: str) -> Format:
        return format_of(*parts)

    def expression(self, *parts: object) -> Expression:
        return Expression("".join(map(str, parts)))

    def key(self, key: Key) -> Expression:
        """A part of the request as a key of a table: an address, or 20 bytes of a digest."""
        fixed = {"ip": "src", "host": "var(txn.host)", "path": "var(txn.path)", "query": "query", "uri": "pathq"}
        if key.kind == "ip":
            return Expression("src")
        fetch = f"req.fhdr({key.name})" if key.kind == "header" else f"req.cook({key.name})"
        return Expression(f"{fixed.get(key.kind, fetch)},sha1")

    def networks(self, those: tuple[Cidr, ...]) -> tuple[Cidr, ...]:
        """Networks as HAProxy compares addresses with them exactly."""
        return tuple(part for network in those for part in network.in_ipv6)

    def rate_of(self, rate: Rate, burst: int) -> tuple[int, Word]:
        """A rate with a burst as so many requests in a time: `burst` + 1 at once, the rate in the long run."""
        milliseconds = max(1, rate.period * 1000 * (burst + 1) // rate.count)
        return burst + 1, Word(f"{milliseconds}ms")

    def redirect_target(self, target: Target) -> Format:
        """Where a redirect leads; presets keep the raw path and query."""
        if target.preset == "https":
            return format_of(*_PRESETS["https"], self.settings.https_suffix, Expression("pathq"))
        if target.preset:
            return format_of(*_PRESETS[target.preset])
        return format_of(*(_PARTS.get(part, part) for part in target.parts))

    def below(self, prefix: Prefix) -> str:
        """A pattern for the canonical path of a prefix and all below it."""
        return rf"^{exactly(encoded(prefix.text))}(?:/|\z)"

    def spelled(self, prefix: Prefix) -> str:
        """A pattern for the path as it was sent, of a prefix in its own spelling and all below it."""
        return rf"^{prefix.spelling}(?:/|\z)"

    def cut(self, prefix: Prefix) -> Format:
        """The path as it was sent, behind a prefix."""
        pattern = argument(rf"^{prefix.spelling}(?:/+|\z)")
        return format_of(Expression(f'path,regsub({pattern},"/")'))

    def without(self, prefix: Prefix) -> Format:
        """The canonical path behind a prefix, encoded as nginx does."""
        pattern = argument(rf"^{exactly(encoded(prefix.text))}(?:/|\z)")
        bare = ",".join(f'regsub("%{ord(character):02X}","{character}",g)' for character in _BARE)
        return format_of(Expression(f'var(txn.canonical),regsub({pattern},"/"),{bare}'))

    def decoded(self, prefix: Prefix) -> Expression:
        """The path as it is compared, behind a prefix."""
        pattern = argument(rf"^{exactly(prefix.text)}(?:/|\z)")
        return Expression(f'var(txn.path),regsub({pattern},"/")')

    def outside(self, prefix: Prefix, *parts: str) -> str:
        """A pattern in which what follows the first part does not begin with the prefix already."""
        return f"{parts[0]}{prefix.outside}{''.join(parts[1:])}"

    def restored(self, prefix: Prefix, before: str, after: str) -> Format:
        """What two captures become with the prefix between them."""
        return format_of(before, prefix.encoded, after)

    def only_cookies(self, names: tuple[CookieName, ...]) -> str:
        """A pattern for a Cookie header in which there is nothing but these cookies."""
        return rf"^(?:(?:{'|'.join(names)})=[^;]*(?:;\s*|\z))+\z"

    def text(self, foreign: str) -> str:
        """Foreign text as one word, in quotes."""
        return str(foreign)

    def twice(self, time: str) -> Word:
        return Word(f"{2 * int(time.removesuffix('ms'))}ms")

    def fits_buffer(self, limit: Size) -> bool:
        """Whether so much of a body, and a byte more, can be held before the workload is asked."""
        return limit.bytes < _BUFFER

    def retries(self, policy: Retry) -> int:
        """How often a request is sent again."""
        return 0 if "off" in policy.on else policy.tries - 1 if policy.tries else self.usual_retries

    def failures(self, policy: Retry) -> tuple[Word, ...]:
        """What HAProxy calls them; a connection that fails is always one."""
        found = dict.fromkeys(word for failure in policy.on for word in _FAILURES.get(failure, (failure,)))
        return tuple(Word(word) for word in found) or (Word("none"),)

    def same_site(self, policy: Sticky) -> Word:
        return Word(f"SameSite={policy.same_site.capitalize()}")

    def max_age(self, time: Duration) -> Word:
        return Word(f"max-age={time.milliseconds // 1000}")
