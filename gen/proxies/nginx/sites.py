"""Sites: the routing table → server blocks as the templates print them, with the variables that they switch by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple

from gen.build.names import identifier
from gen.certificate import Certificate
from gen.memo import Memo
from gen.model import Listener, Model
from gen.proxies.nginx import fragments
from gen.proxies.nginx.body import Body
from gen.proxies.nginx.facts import Forwarded
from gen.proxies.nginx.literal import Plain, Word, expression
from gen.proxies.nginx.nodes import with_twins
from gen.proxies.nginx.predicates import Predicate, predicates
from gen.proxies.nginx.streams import addresses, inner, shared
from gen.proxies.nginx.switches import NOBODY, Switch, fitting, rows_of
from gen.proxies.routing import Choice, Node, Nodes, Site, sites
from gen.settings import Settings
from gen.values import Host

ACME = "/.well-known/acme-challenge/"
_Facts = tuple[frozenset[str], Memo]
_NONE: Mapping[str, Any] = {}  # shared by all sites that switch by nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """One `listen` directive."""

    address: Word
    tls: bool
    http2: bool
    proxy: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """One location: it has a body of its own, or a switch that picks a named one, or nobody answers there."""

    path: Plain
    exact: bool
    body: Body | None = None
    switch: Word | None = None
    is_webroot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteView:
    """One server block. `named`: the bodies that its switches pick from. `status`: the answer where nobody is.
    `refuses`: whether a switch may refuse a request."""

    listens: tuple[Listen, ...]
    names: tuple[str, ...]
    is_default: bool
    tls: bool
    certificate: Plain | None
    key: Plain | None
    rejects: bool
    locations: tuple[Location, ...]
    named: tuple[Body, ...]
    status: int
    webroot: Plain
    takes_proxy: bool
    is_shared: bool
    refuses_fragments: bool
    refuses: bool

    @property
    def all_bodies(self) -> tuple[Body, ...]:
        """Every route's body that this site uses, once."""
        bodies = {body.route.id: body for body in self.named}
        bodies.update((location.body.route.id, location.body) for location in self.locations if location.body)
        return tuple(bodies[name] for name in sorted(bodies))

    @property
    def slot(self) -> str:
        """What stays the same while the site changes."""
        return " ".join((*self.names, *(listen.address for listen in self.listens)))

    @property
    def has_switch(self) -> bool:
        return any(location.switch for location in self.locations)


class Plot(NamedTuple):
    """What decides a server block, named by what tells it from the others. `certificate`: what is shown, on TLS;
    `bodies`: of all routes that the nodes name; `turn`: the place of a regex, which is tried alone."""

    name: str
    hosts: tuple[Host, ...]
    listeners: tuple[Listener, ...]
    nodes: Nodes
    certificate: Certificate | None
    bodies: tuple[Body, ...]
    listens: tuple[Listen, ...]
    is_shared: bool
    refuses_fragments: bool = True
    turn: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A server block, with the predicates and switches that it uses. `order`: its place among the others."""

    site: SiteView
    order: tuple[bool, tuple[object, ...], tuple[str, ...], str]
    predicates: Mapping[str, Predicate]
    switches: Mapping[str, Switch]


class Sites:
    """Puts the sites of all listeners together, and gathers the predicates and switches that they use."""

    def __init__(self, model: Model, bodies: Mapping[str, Body], told: Forwarded, facts: _Facts) -> None:
        self.model = model
        self.told = told
        self.bodies = bodies
        self.capabilities, self.memo = facts
        self.predicates: dict[str, Predicate] = {}
        self.switches: dict[str, Switch] = {}
        self.listeners = {listener.name: listener for listener in model.listeners}
        self.tls = frozenset(listener.name for listener in model.listeners if listener.tls)
        self.certificates = {certificate.name: certificate for certificate in model.certificates}
        self.bindings = {str(binding.host): binding.certificate for binding in model.bindings}
        self.default = next((c.name for c in model.certificates if c.is_default), "")
        self.shared = shared(model)
        self.listens = {listener.name: tuple(self._listens(listener)) for listener in model.http_listeners}

    def all(self) -> tuple[SiteView, ...]:
        """Default sites first, then by name."""
        plots = fragments.marked(tuple(self._plots()), self.model.routes)
        facts = (self.model.settings, self.told)
        drawn = self.memo.each("drawn", draw, plots, key=attrgetter("name"), shared=facts)
        for one in drawn:
            self.predicates.update(one.predicates)
            self.switches.update(one.switches)
        return tuple(one.site for one in sorted(drawn, key=attrgetter("order")))

    def _plots(self) -> Iterator[Plot]:
        """Hosts and listeners with equal locations share a server block."""
        found: dict[str, Site] = {}
        by_host: defaultdict[str, defaultdict[tuple[Nodes, object], list[str]]]
        by_host = defaultdict(lambda: defaultdict(list))
        for listener in self.model.http_listeners:
            how = (listener.takes_proxy, listener.name in self.shared)
            for site in sites(self.model, listener.name, self.memo):
                found[site.name] = site
                by_host[site.name][site.nodes, how].append(listener.name)
        together: defaultdict[tuple[Nodes, tuple[str, ...], str, tuple[object, ...]], list[Host]] = defaultdict(list)
        for name, by_nodes in by_host.items():
            host = found[name].host
            for (nodes, _), listeners in by_nodes.items():
                if host is None:
                    yield from (self._plot((), (listener,), nodes, self._default(listener)) for listener in listeners)
                else:
                    shown = self._certificate(host, listeners)
                    together[nodes, tuple(listeners), shown, found[name].turn].append(host)
        for (nodes, names, certificate, turn), those in together.items():
            yield self._plot(tuple(those), names, nodes, certificate)._replace(turn=turn)

    def _plot(self, hosts: tuple[Host, ...], listeners: tuple[str, ...], nodes: Nodes, certificate: str) -> Plot:
        return Plot(
            name=" ".join((*map(str, hosts[:1]), *listeners)),
            hosts=hosts,
            listeners=tuple(map(self.listeners.__getitem__, listeners)),
            nodes=nodes,
            certificate=self.certificates.get(certificate),
            bodies=tuple(map(self.bodies.__getitem__, nodes.routes)),
            listens=tuple(chain.from_iterable(map(self.listens.__getitem__, listeners))),
            is_shared=not self.shared.isdisjoint(listeners),
        )

    def _listens(self, listener: Listener) -> Iterable[Listen]:
        http2 = listener.tls and "http2_directive" not in self.capabilities
        if listener.name in self.shared:
            socket = inner(self.model.settings, "http", listener.name)
            return (Listen(address=socket, tls=listener.tls, http2=http2, proxy=True),)
        return (
            Listen(address=address, tls=listener.tls, http2=http2, proxy=listener.takes_proxy)
            for address in addresses(listener, self.capabilities)
        )

    def _certificate(self, host: Host, listeners: Iterable[str]) -> str:
        """The certificate of a host on TLS, or of the domain that it is all names of."""
        if self.tls.isdisjoint(listeners):
            return ""
        return self.bindings.get(str(host)) or self.bindings.get(f".{host.text}") or self.default

    def _default(self, listener: str) -> str:
        """What is shown to those who ask for no host that we know."""
        return self.default if listener in self.tls and self.model.settings.unknown_sni == "default" else ""


def draw(plot: Plot, settings: Settings, told: Forwarded) -> Drawn:
    """A server block."""
    drawing = _Drawing(plot, settings, told)
    site = drawing.site()
    order = (not site.is_default, plot.turn, site.names, site.slot)
    return Drawn(site=site, order=order, predicates=drawing.predicates or _NONE, switches=drawing.switches or _NONE)


class _Drawing:
    """One server block on its way."""

    def __init__(self, plot: Plot, settings: Settings, told: Forwarded) -> None:
        self.plot = plot
        self.settings = settings
        self.told = told
        self.bodies = {body.route.id: body for body in plot.bodies}
        self.predicates: dict[str, Predicate] = {}
        self.switches: dict[str, Switch] = {}

    def site(self) -> SiteView:
        hosts, certificate = self.plot.hosts, self.plot.certificate
        tls = any(listener.tls for listener in self.plot.listeners)
        locations = [self._location(node) for node in with_twins(self.plot.nodes)]
        named = sorted({choice.route for node in self.plot.nodes if _is_switched(node) for choice in node.choices})
        if self.settings.acme_webroot and not tls:
            locations = [location for location in locations if location.path != ACME or location.exact]
            locations.append(Location(path=Plain(ACME), exact=False, is_webroot=True))
        return SiteView(
            listens=self.plot.listens,
            names=tuple(sorted(_name(host) for host in hosts)),
            is_default=not hosts,
            tls=tls,
            certificate=Plain(certificate.certificate_file) if certificate else None,
            key=Plain(certificate.key_file) if certificate else None,
            rejects=tls and certificate is None,
            locations=tuple(locations),
            named=tuple(self.bodies[route] for route in named),
            status=404 if hosts else self.settings.unknown_host,
            webroot=Plain(self.settings.acme_webroot),
            takes_proxy=any(listen.proxy for listen in self.plot.listens),
            is_shared=self.plot.is_shared,
            refuses_fragments=self.plot.refuses_fragments,
            refuses=any(predicate.limit for predicate in self.predicates.values()),
        )

    def _location(self, node: Node) -> Location:
        path = Plain(node.path if node.exact else f"{node.path}/")
        if _is_switched(node):
            return Location(path=path, exact=node.exact, switch=self._switch(node.choices))
        body = self.bodies[node.choices[0].route] if node.choices else None
        return Location(path=path, exact=node.exact, body=body)

    def _switch(self, choices: tuple[Choice, ...]) -> Word:
        """The variable that names who answers; long lists go on in a further map, which nginx looks at only then."""
        size = fitting(choices, self.told)
        first, rest = choices[:size], choices[size:]
        default = self._switch(rest) if rest else NOBODY
        if not first[-1].is_conditional:
            default = self.bodies[first[-1].route].name
            first = first[:-1]
        asked = [(predicates(choice.asks, self.told), choice.route) for choice in first]
        used = sorted({p.variable: p for those, _ in asked for p in those}.items())
        self.predicates.update(used)
        position = {variable: index for index, (variable, _) in enumerate(used)}
        rows = tuple(
            row
            for those, route in asked
            for row in rows_of({position[p.variable]: p for p in those}, self.bodies[route].name)
        )
        source = expression(*(variable for variable, _ in used))
        name = identifier(source, repr(rows), default, shown="go")
        switch = Switch(variable=Word(f"$fw_{name}"), source=source, rows=rows, default=default)
        self.switches[switch.variable] = switch
        return switch.variable


def _is_switched(node: Node) -> bool:
    return bool(node.choices) and node.choices[0].is_conditional


def _name(host: Host) -> str:
    if host.regex is not None:
        return Plain("~" + host.pattern)
    return Word(str(host))
