"""Trust: what a frontend's template asks of the client's own word of who it is and which host it wants.

Settings in; networks, patterns and expressions out. The patterns are those of `gen.received`.
"""

from __future__ import annotations

from gen.proxies.haproxy.joins import Join, join
from gen.proxies.haproxy.literal import Expression, Word, argument
from gen.received import ELEMENT, GOOD_HOST, MOST_HOPS, ODD
from gen.settings import Settings
from gen.values import Cidr


class Trusting:
    """The base of what names trusted proxies."""

    settings: Settings

    @property
    def trusted(self) -> tuple[Cidr, ...]:
        """The trusted proxies' networks."""
        return tuple(part for network in self.settings.trusted_proxies for part in network.in_ipv6)


class Trust(Trusting):
    """The base of a frontend."""

    @property
    def hops(self) -> tuple[tuple[Word, Expression, tuple[Word, ...]], ...]:
        """For each element of X-Forwarded-For, the last one first: an ACL, the address as a text or none, and the ACLs
        that have to hold: all elements up to it are addresses."""
        pattern, address = argument(rf"^{ELEMENT}\z|^.*\z"), argument(r"\1\2\3")
        names = tuple(Word(f"hop_{number}") for number in range(1, MOST_HOPS + 1))
        return tuple(
            (name, Expression(f"req.hdr(x-forwarded-for,-{number}),regsub({pattern},{address})"), names[:number])
            for number, name in enumerate(names, 1)
        )

    @property
    def odd(self) -> str:
        """A pattern of X-Forwarded-For as proxies could read it differently."""
        return ODD

    @property
    def bad_host(self) -> str:
        """A pattern of Host fields that are malformed."""
        return rf"^(?!{GOOD_HOST}\z)"

    @property
    def several_for(self) -> Join:
        """How several fields of X-Forwarded-For become one."""
        return join("x-forwarded-for")
