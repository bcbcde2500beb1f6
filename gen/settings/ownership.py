"""Settings of ownership: whose a route is, and what one owner may have beside the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gen.options import option
from gen.values import ChallengeTarget, Duration, HostPattern, Name, OwnerClaim, OwnerRule


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnershipSettings:
    """Whose a route is. Part of `Settings`."""

    owner: OwnerRule = option(
        default=OwnerRule("project"),
        help="Whose a route is. project: the compose project or Swarm stack, `standalone` without one; label:KEY: the "
        "value of that label; network: the network over which the proxy reaches the workload; one: a single owner.",
        example="label:com.example.team",
    )
    claims: tuple[OwnerClaim, ...] = option(
        default=(),
        help="Which owners may have which hosts; the first entry that matches decides. `*` stands for any text, and "
        "`listener:NAME` for a listener of TCP and UDP routes. In a file: `{hosts: [...], owners: [...]}`.",
        example="shop.test *.shop.test = shop, * = operator",
    )
    claims_default: Literal["open", "closed"] = option(
        default="open",
        help="open: a host that no entry of `claims` matches is free for all owners; closed: for the operator alone.",
        example="closed",
    )
    shared_hosts: tuple[HostPattern, ...] = option(
        default=(),
        help="Hosts on which equal routes of different owners form one pool; `*` for all.",
        example="status.example.com, *.shared.example.com",
    )
    shared_upstreams: tuple[Name, ...] = option(
        default=(),
        help="Names of upstreams that all owners share; any other name is the owner's own.",
        example="search",
    )
    hold: Duration = option(
        default=Duration(60_000),
        help="How long `watch` keeps a route for its owner after the last workload has gone; it answers 503 with "
        "Retry-After meanwhile.",
        example="2m",
    )
    acme_challenge: ChallengeTarget | None = option(
        default=None,
        help="What answers /.well-known/acme-challenge/ on all hosts of the plain listeners: a workload, a URL or a "
        "directory. Default: the host's own routes.",
        example="http://127.0.0.1:8402",
    )
    max_routes_per_owner: int = option(
        default=20_000,
        bounds=(1, 1_000_000),
        help="How many routes one owner may have; those above are refused.",
        example="200",
    )
