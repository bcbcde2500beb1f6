"""Sites: the routing table → server blocks as the templates print them, with the variables that they switch by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from gen.build.names import identifier
from gen.certificate import Certificate
from gen.model import Listener, Model
from gen.proxies.nginx.body import Body
from gen.proxies.nginx.literal import Expression, Pattern, Plain, Word, expression
from gen.proxies.nginx.predicates import Predicate, predicates
from gen.proxies.nginx.streams import addresses, inner, shared
from gen.proxies.routing import Choice, Node, around, sites
from gen.values import Host

ACME = "/.well-known/acme-challenge/"
_CHUNK = 60
_MOST_PREDICATES = 110
NOBODY = Word("none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """One `listen` directive."""

    address: Word
    tls: bool
    http2: bool
    proxy: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """`map source variable { default …; patterns route; }`: which named location answers at a node."""

    variable: Word
    source: Expression
    rows: tuple[tuple[Pattern, Word], ...]
    default: Word


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
    """One server block. `named`: the bodies that its switches pick from. `status`: the answer where nobody is."""

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


class Sites:
    """Puts the sites of all listeners together, and gathers the predicates and switches that they use."""

    def __init__(self, model: Model, capabilities: frozenset[str], bodies: dict[str, Body]) -> None:
        self.model = model
        self.capabilities = capabilities
        self.bodies = bodies
        self.predicates: dict[str, Predicate] = {}
        self.switches: dict[str, Switch] = {}
        self.certificates = {certificate.name: certificate for certificate in model.certificates}
        self.bindings = {binding.host: self.certificates[binding.certificate] for binding in model.bindings}
        self.default = next((c for c in model.certificates if c.is_default), None)
        self.shared = shared(model)
        self.listens = {listener: tuple(self._listens(listener)) for listener in model.http_listeners}

    def all(self) -> tuple[SiteView, ...]:
        """Default sites first, then by name. Hosts and listeners with equal locations share a server block."""
        by_host: defaultdict[Host | None, defaultdict[tuple[tuple[Node, ...], object], list[Listener]]]
        by_host = defaultdict(lambda: defaultdict(list))
        for listener in self.model.http_listeners:
            how = (listener.takes_proxy, listener.name in self.shared)
            for site in sites(self.model, listener.name):
                by_host[site.host][site.nodes, how].append(listener)
        together: defaultdict[tuple[object, ...], list[Host]] = defaultdict(list)
        found: list[SiteView] = []
        for host, by_nodes in by_host.items():
            for (own, _), listeners in by_nodes.items():
                if host is None:
                    found.extend(self._site((), (listener,), own, None) for listener in listeners)
                else:
                    together[own, tuple(listeners), self._certificate(host, listeners)].append(host)
        for (own, listeners, certificate), hosts in together.items():  # type: ignore[assignment]
            found.append(self._site(tuple(hosts), listeners, own, certificate))  # type: ignore[arg-type]
        return tuple(sorted(found, key=lambda site: (not site.is_default, site.names, site.slot)))

    def _certificate(self, host: Host, listeners: Iterable[Listener]) -> Certificate | None:
        if not any(listener.tls for listener in listeners):
            return None
        if host in self.bindings:
            return self.bindings[host]
        return self.bindings.get(Host("subtree", host.text)) or self.default

    def _site(
        self,
        hosts: tuple[Host, ...],
        listeners: tuple[Listener, ...],
        own: tuple[Node, ...],
        certificate: Certificate | None,
    ) -> SiteView:
        tls = any(listener.tls for listener in listeners)
        if not hosts and tls and self.model.settings.unknown_sni == "default":
            certificate = self.default
        locations = [self._location(node) for node in _with_twins(own)]
        named = sorted({choice.route for node in own if _is_switched(node) for choice in node.choices})
        if self.model.settings.acme_webroot and not tls:
            locations = [location for location in locations if location.path != ACME or location.exact]
            locations.append(Location(path=Plain(ACME), exact=False, is_webroot=True))
        return SiteView(
            listens=tuple(listen for listener in listeners for listen in self.listens[listener]),
            names=tuple(sorted(_name(host) for host in hosts)),
            is_default=not hosts,
            tls=tls,
            certificate=Plain(certificate.certificate_file) if certificate else None,
            key=Plain(certificate.key_file) if certificate else None,
            rejects=tls and certificate is None,
            locations=tuple(locations),
            named=tuple(self.bodies[route] for route in named),
            status=404 if hosts else self.model.settings.unknown_host,
            webroot=Plain(self.model.settings.acme_webroot),
            takes_proxy=any(listen.proxy for listener in listeners for listen in self.listens[listener]),
            is_shared=any(listener.name in self.shared for listener in listeners),
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

    def _location(self, node: Node) -> Location:
        path = Plain(node.path if node.exact else f"{node.path}/")
        if _is_switched(node):
            return Location(path=path, exact=node.exact, switch=self._switch(node.choices))
        body = self.bodies[node.choices[0].route] if node.choices else None
        return Location(path=path, exact=node.exact, body=body)

    def _switch(self, choices: tuple[Choice, ...]) -> Word:
        """The variable that names who answers; long lists go on in a further map, which nginx looks at only then."""
        size = _fitting(choices)
        first, rest = choices[:size], choices[size:]
        default = self._switch(rest) if rest else NOBODY
        if not first[-1].is_conditional:
            default = self.bodies[first[-1].route].name
            first = first[:-1]
        asked = [(predicates(choice.asks), choice.route) for choice in first]
        used = sorted({p.variable: p for those, _ in asked for p in those}.items())
        self.predicates.update(used)
        position = {variable: index for index, (variable, _) in enumerate(used)}
        rows = tuple((_row({position[p.variable] for p in those}), self.bodies[route].name) for those, route in asked)
        source = expression(*(variable for variable, _ in used))
        name = identifier(source, repr(rows), default, shown="go")
        switch = Switch(variable=Word(f"$fw_{name}"), source=source, rows=rows, default=default)
        self.switches[switch.variable] = switch
        return switch.variable


def _with_twins(found: tuple[Node, ...]) -> tuple[Node, ...]:
    """Every location that ends in a slash gets the exact one without: nginx would answer a 301 of its own there."""
    exact = {node.path for node in found if node.exact}
    written = {node.path: node.choices for node in found if not node.exact}
    twins: list[Node] = []
    for node in found:
        bare = node.path.removesuffix("/") if node.exact else node.path
        ends_in_slash = bool(node.path) and (not node.exact or node.path.endswith("/"))
        if ends_in_slash and bare and bare not in exact:
            exact.add(bare)
            twins.append(Node(path=bare, exact=True, choices=around(bare, written)))
    return tuple(sorted((*found, *twins), key=lambda node: (node.path, node.exact)))


def _is_switched(node: Node) -> bool:
    return bool(node.choices) and node.choices[0].is_conditional


def _fitting(choices: tuple[Choice, ...]) -> int:
    """How many choices one map can hold: its key, one word for nginx, names all their predicates."""
    used: set[str] = set()
    for number, choice in enumerate(choices[:_CHUNK]):
        used.update(predicate.variable for predicate in predicates(choice.asks))
        if number and len(used) > _MOST_PREDICATES:
            return number
    return min(len(choices), _CHUNK)


def _row(held: set[int]) -> Pattern:
    """The composite key in which these predicates hold, whatever the others say."""
    return Pattern("^" + "".join("1" if index in held else "." for index in range(max(held) + 1)))


def _name(host: Host) -> str:
    if host.regex is not None:
        return Plain("~" + host.regex.pcre)
    return Word(str(host))
