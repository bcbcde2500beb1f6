"""Agreement: claims that share a route → what is in effect, with a warning for each difference.

Options and policies are those of the oldest running claim. A guard applies where any claim of the pool requests it;
where two disagree on it, the older one's value applies. A policy that only a younger claim requests is ignored. The
guard of a workload that is stopped, or that is being recreated, applies too where no running one has that guard: a
restart of the guarded workload must not open the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gen import table
from gen.build.claims import Voice
from gen.build.decided import decided_by, named
from gen.errors import Problem
from gen.model import Policy, Resolve
from gen.policies import POLICIES


def agreed_policies(
    claims: Sequence[Voice], problems: list[Problem], absent: Sequence[Voice] = ()
) -> tuple[Policy, ...]:
    """The policies of a pool whose claims come in their turn. `absent`: those that run no more, or not yet again."""
    if len(claims) == 1 and not absent:
        return claims[0].route.policies
    found = (_agreed_policy(kind, (claims, absent), problems) for kind in POLICIES)
    return tuple(policy for policy in found if policy is not None)


def _agreed_policy(
    kind: type[Policy], pool: tuple[Sequence[Voice], Sequence[Voice]], problems: list[Problem]
) -> Policy | None:
    claims, absent = pool
    asking = _asking(kind, claims) or (_asking(kind, absent) if kind.guards else [])
    if not asking:
        return None
    oldest, (first, policy) = claims[0], asking[0]
    if first is not oldest and not kind.guards:
        problems.extend(_ignored(claim, oldest, kind.name) for claim, _ in asking)
        return None
    if first is not oldest:
        problems.append(_guarding(first, oldest, policy))
    for claim, other in asking[1:]:
        if other != policy:
            problems.append(_disagreement(kind.name, first, claim, (table.policy(policy), table.policy(other))))
    return policy


def _asking(kind: type[Policy], claims: Sequence[Voice]) -> list[tuple[Voice, Policy]]:
    return [(claim, policy) for claim in claims for policy in claim.route.policies if policy.name == kind.name]


def agreed(claims: Sequence[Voice], name: str, problems: list[Problem], oldest: Voice) -> Any:
    """An option on which all have to agree, as the oldest says."""
    value = getattr(oldest.route.options, name)
    for claim in claims:
        if getattr(claim.route.options, name) != value:
            own = getattr(claim.route.options, name)
            problems.append(_disagreement(name, oldest, claim, (str(value), str(own))))
    return value


def agreed_tls(claims: Sequence[Voice], problems: list[Problem]) -> None:
    """Report claims that do not say the `tls` that is in effect: that of the oldest, or `required` as a guard."""
    if not claims:
        return
    requiring = [claim for claim in claims if claim.route.options.tls == "required"]
    if requiring and requiring[0] is not claims[0]:
        message = (
            f"{requiring[0].who} requires TLS for the route that it shares with {named(claims[0], 'tls')}, which says "
            f"{claims[0].route.options.tls}; in effect is required"
        )
        origin = requiring[0].route.origin("tls")
        problems.append(
            Problem(severity="warning", origin=origin, message=message, hint="a guard of one applies to all")
        )
    else:
        agreed(claims, "tls", problems, claims[0])


def wished(claims: Sequence[Voice], problems: list[Problem]) -> Resolve:
    """How servers are to be found, as the oldest that says it wants; one that says nothing does not object."""
    wishing = [claim for claim in claims if claim.route.options.resolve != "auto"]
    found: Resolve = agreed(wishing, "resolve", problems, wishing[0]) if wishing else "auto"
    return found


def _disagreement(name: str, winner: Voice, loser: Voice, values: tuple[str, str]) -> Problem:
    """`values`: what is in effect, and what the loser says."""
    message = (
        f"{loser.who} and {named(winner, name)} share a route and disagree on {name}: "
        f"in effect is {values[0]}, and not {values[1]}"
    )
    return Problem(severity="warning", origin=loser.route.origin(name), message=message, hint=decided_by(winner, loser))


def _ignored(claim: Voice, oldest: Voice, name: str) -> Problem:
    message = (
        f"{name} is ignored: {claim.who} shares a route with {named(oldest, 'host')}, which does not request it; "
        f"in effect is no {name}"
    )
    hint = f"{decided_by(oldest, claim)}; write the label there too"
    return Problem(severity="warning", origin=claim.route.origin(name), message=message, hint=hint)


def _guarding(claim: Voice, oldest: Voice, policy: Policy) -> Problem:
    message = (
        f"{claim.who} guards the route that it shares with {named(oldest, 'host')}, which does not request "
        f"{policy.name}; in effect is {table.policy(policy)}"
    )
    hint = "a guard of one applies to all; write the label there too"
    return Problem(severity="warning", origin=claim.route.origin(policy.name), message=message, hint=hint)
