"""Two worlds of access facts → requests and servers of guarded routes that other routes have now, without the guard.

Nothing is missed: two rules are compared wherever a common request cannot be excluded. A pair is left out where the
order of trial excludes it: both rules were there before in the same order, or a third one answers in any case. Rules
of HTTP are compared place by place, because a third rule may decide which owner's rules are tried first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import Final

from gen.access import Access, Facts
from gen.plan.cells import Side, Touched, Trial, cells, trials
from gen.plan.loosened import Over, answers_itself, guarded, loosened
from gen.plan.moves import moves
from gen.plan.overlap import EVERYONE, uncovered
from gen.plan.rules import Identity, Rule, Rules, asks_no_more, covers, meet

Found = tuple[Rule, Rule, tuple[str, ...]]
_MOST: Final = 300_000
"""Pairs of rules that are compared at most; some seconds."""


class Worlds:
    """The facts before and after, and what differs: `gone` has the rules of routes that are not the same any more,
    `changed` those that have come instead."""

    def __init__(self, before: Facts, after: Facts) -> None:
        self.before, self.after = before, after
        old, new = set(map(id, before.routes)), set(map(id, after.routes))
        gone = [one for one in before.routes if id(one) not in new]
        changed = [one for one in after.routes if id(one) not in old]
        self._kept, known = dict.fromkeys(gone), dict.fromkeys(changed)
        self.gone = Rules(one for one in gone if one not in known)
        self.changed = Rules(one for one in changed if one not in self._kept)
        self._with_tls = {name for name, _, tls in after.listeners if tls}

    @cached_property
    def every_before(self) -> Rules:
        return Rules(self.before.routes)

    @cached_property
    def every_after(self) -> Rules:
        return Rules(self.after.routes)

    @cached_property
    def guarded_before(self) -> Rules:
        return Rules(one for one in self.before.routes if guarded(one.gate))

    @property
    def fresh(self) -> Iterator[Rule]:
        """Rules that match what no rule before matched in the same way."""
        return (rule for rule in self.changed.every if rule.identity not in self.gone.by_identity)

    @property
    def reachable_fresh(self) -> Iterator[Rule]:
        """The fresh ones through which a request can reach a server."""
        return (rule for rule in self.fresh if not self.is_shut(rule))

    def is_shut(self, rule: Rule) -> bool:
        """Whether no request reaches a server through it."""
        gate = rule.access.gate
        return gate.disabled or answers_itself(gate, over=self.over(rule.listener))

    def over(self, *listeners: str) -> Over:
        """How requests come to some listeners, as a redirect to https sees it."""
        if self._with_tls.issuperset(listeners):
            return "https"
        return "both" if self.after.trusted or not self._with_tls.isdisjoint(listeners) else "http"

    @cached_property
    def gone_by_place(self) -> dict[Identity, list[Rule]]:
        found: defaultdict[Identity, list[Rule]] = defaultdict(list)
        for rule in self.gone.every:
            found[rule.place].append(rule)
        return found

    def is_weaker(self, rule: Rule, old: Iterable[Rule]) -> bool:
        """Whether its conditions are those of an earlier one with fewer of them."""
        return any(asks_no_more(rule.access, one.access) for one in old) and not any(
            asks_no_more(one.access, rule.access) for one in old
        )

    def is_the_same_over_tls(self, listener: str, names: Iterable[str]) -> bool:
        """Whether a listener has TLS on the addresses on which one of others has none."""
        known = {name: (addresses, tls) for name, addresses, tls in self.after.listeners}
        addresses, tls = known.get(listener, ((), False))
        return tls and any(known.get(name) == (addresses, False) for name in names)

    def counterpart_after(self, rule: Rule) -> Rule | None:
        """The rule of the second world that matches the same."""
        found = self.changed.by_identity.get(rule.identity)
        if found is not None or rule.identity in self.gone.by_identity:
            return found
        return rule


class Taken:
    """`is_exhausted`: there were more pairs than are compared."""

    def __init__(self, worlds: Worlds) -> None:
        self._worlds = worlds
        self._left = _MOST
        self.is_exhausted = False

    def requests(self) -> Iterator[Found]:
        """Rules that answer requests of a rule whose guard they do not have, with the names of its guards."""
        yield from self._requests_in_order()
        for rule, other in self._pairs():
            if (names := self._lost(rule, other)) and self._is_taken(rule, other):
                yield rule, other, names

    def _requests_in_order(self) -> Iterator[Found]:
        """Of HTTP: place by place, as the order of trial was and is there."""
        worlds = self._worlds
        touched = Touched((*worlds.gone.every, *worlds.changed.every))
        listeners = {rule.listener for rule in worlds.guarded_before.every if rule.access.kind == "http"}
        if not listeners or not touched.is_any:
            return
        before = Side(filter(touched.concerns, worlds.before.routes))
        after = Side(filter(touched.concerns, worlds.after.routes))
        for cell in cells(before, after, touched, sorted(listeners)):
            old, new = before.concerning(cell, cell.before), after.concerning(cell, cell.after)
            if self._is_spent(len(old) + len(new)):
                return
            if any(guarded(one.rule.access.gate) for one in old):
                for trial in trials(cell, old, new):
                    yield from self._moved(trial)

    def _is_spent(self, number: int) -> bool:
        self._left -= number
        self.is_exhausted = self._left <= 0
        return self.is_exhausted

    def _moved(self, trial: Trial) -> Iterator[Found]:
        for other in trial.before:
            if not guarded(other.access.gate) or self._is_spent(len(trial.after)):
                continue
            for rule in trial.after:
                if rule.identity != other.identity and (names := self._lost(rule, other)) and moves(trial, other, rule):
                    yield rule, other, names

    def _pairs(self) -> Iterator[tuple[Rule, Rule]]:
        """Of connections by TLS name: rules that came, or whose guarded neighbours went."""
        worlds = self._worlds
        for rule in worlds.changed.every:
            old = worlds.gone.by_identity.get(rule.identity)
            if old is None or old.access.gate != rule.access.gate:
                is_http = rule.access.kind == "http"
                yield from ((rule, one) for one in self._meeting(rule, worlds.guarded_before, is_http=is_http))
        for other in worlds.gone.every:
            if guarded(other.access.gate) and other.identity not in worlds.changed.by_identity:
                is_http = other.access.kind == "http"
                yield from ((rule, other) for rule in self._meeting(other, worlds.every_after, is_http=is_http))

    def _meeting(self, rule: Rule, others: Rules, *, is_http: bool = False) -> Iterator[Rule]:
        """Those of others that can match a request of a rule; none any more when too many were compared. `is_http`:
        without those of HTTP, which are compared place by place."""
        near = (others.streams if is_http else others).near(rule) if self._left > 0 else ()
        self._is_spent(len(near))
        return (other for other in near if meet(rule, other))

    def _lost(self, rule: Rule, other: Rule) -> tuple[str, ...]:
        """The guards of `other` that `rule` does not keep. Only a redirect to https is a guard here."""
        found = loosened(other.access, rule.access, over=self._worlds.over(rule.listener))
        return tuple(one.guard for one in found if one.guard != "redirect")

    def _is_taken(self, rule: Rule, other: Rule) -> bool:
        """Whether connections can have moved from `other` to `rule`."""
        if rule.identity == other.identity:
            return False
        worlds = self._worlds
        now, old = worlds.counterpart_after(other), self._counterpart_before(rule)
        if now is not None and not rule.is_before(now):
            return False
        if old is not None and rule.access.kind == other.access.kind and (now is not None or old.is_before(other)):
            return False
        return not self._is_covered(rule, other)

    def _counterpart_before(self, rule: Rule) -> Rule | None:
        found = self._worlds.gone.by_identity.get(rule.identity)
        return rule if found is None and rule.identity not in self._worlds.changed.by_identity else found

    def _is_covered(self, rule: Rule, other: Rule) -> bool:
        """Whether a third rule answers in place of `rule` now, or answered in place of `other` before."""
        worlds = self._worlds
        if rule.access.kind != other.access.kind:
            return False
        now = self._meeting(other, worlds.every_after)
        if any(one.identity != rule.identity and covers(one, other) and one.is_before(rule) for one in now):
            return True
        old = self._meeting(rule, worlds.every_before)
        return any(one.identity != other.identity and covers(one, rule) and one.is_before(other) for one in old)

    def servers(self) -> Iterator[Found]:
        """Rules that reach servers of a rule whose guard they do not have, and that no open one reached before."""
        worlds = self._worlds
        by_server: defaultdict[str, list[Access]] = defaultdict(list)
        for one in dict.fromkeys(rule.access for rule in worlds.changed.every):
            for server in one.servers:
                by_server[server].append(one)
        if not by_server:
            return
        for guard in worlds.guarded_before.every:
            now = worlds.counterpart_after(guard)
            addresses = {*guard.access.servers, *(now.access.servers if now and guard.access.servers else ())}
            for address in addresses & by_server.keys():
                for one in by_server[address]:
                    is_there = now is not None and address in now.access.servers
                    if (is_there or one.owner == guard.access.owner) and (names := self._bypassed(one, guard)):
                        yield next(iter(Rules((one,)).every)), guard, names

    def _bypassed(self, one: Access, guard: Rule) -> tuple[str, ...]:
        """The guards of the rule that a route to its servers does not have, unless one was open there before."""
        bare = replace(guard.access, gate=replace(guard.access.gate, https=False, redirect=""), clients=())
        if bare.gate.disabled or any(rule.identity == guard.identity for rule in Rules((one,)).every):
            return ()
        names = tuple(each.guard for each in loosened(bare, one, over=self._worlds.over(*one.listeners)))
        return () if names and self._was_open(one, guard) else names

    def _was_open(self, one: Access, guard: Rule) -> bool:
        """Whether a route before reached a server of the rule with no more guards than this one has."""
        reached = (old for server in guard.access.servers for old in self._by_server.get(server, ()))
        return any(
            not (old.gate.disabled or answers_itself(old.gate, over=self._worlds.over(*old.listeners)))
            and not loosened(old, one, over="https")
            and (not old.clients or not uncovered(one.clients or EVERYONE, old.clients))
            for old in reached
        )

    @cached_property
    def _by_server(self) -> dict[str, list[Access]]:
        found: defaultdict[str, list[Access]] = defaultdict(list)
        for one in self._worlds.before.routes:
            for server in one.servers:
                found[server].append(one)
        return found
