"""Body: what the location of a route does, and what the policies' templates may ask of it (`it`).

It names variables, zones and files after the route and what they depend on, so that two routes never share one by
accident and a changed parameter never meets an old zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup

from gen.build.names import identifier
from gen.errors import TemplateError
from gen.model import Policy, Route
from gen.policies import BasicAuth, Redirect, RequestHeaders, Sticky, StripPrefix, UpstreamTls
from gen.policies.redirect import Target as RedirectTarget
from gen.policies.redirect import last_redirect
from gen.policies.strip_prefix import Prefix
from gen.proxies.nginx.facts import Forwarded, Header, Target, request_headers
from gen.proxies.nginx.literal import Expression, Pattern, Plain, Word, expression
from gen.proxies.nginx.numbers import larger_than
from gen.proxies.nginx.predicates import exactly
from gen.settings import Settings
from gen.values import Key

_MODULES = {"grpc": "grpc", "grpcs": "grpc", "fastcgi": "fastcgi", "uwsgi": "uwsgi"}
_PRESETS = {
    "https": "https://$host{port}$request_uri",
    "www": "{proto}://www.$fw_apex$request_uri",
    "apex": "{proto}://$fw_apex$request_uri",
}
_PARTS = {"$host": "$host", "$path": "$fw_raw_path", "$query": "$args"}


@dataclass(frozen=True)
class Body:
    """What a route's location does."""

    route: Route
    target: Target
    settings: Settings
    capabilities: frozenset[str]
    forwarded: Forwarded

    @property
    def slot(self) -> str:
        """What stays the same while the route changes."""
        return self.route.id

    @property
    def policies(self) -> tuple[Policy, ...]:
        """What a request meets, in order; behind a redirect there is nothing to meet."""
        if self.redirect is not None:
            return self.route.policies[: self.route.policies.index(self.redirect) + 1]
        return (*self.route.policies, *self.target.policies)

    @property
    def is_out(self) -> bool:
        """Nobody to ask, or nobody may be let through: 503."""
        return bool(self.route.withheld) or (self.target.is_out and not self.redirect)

    @property
    def name(self) -> Word:
        """The named location, and what a switch calls it."""
        return Word(f"r_{self.route.id}")

    @cached_property
    def redirect(self) -> Redirect | None:
        """The redirect that answers in place of the servers."""
        return last_redirect(self.route, self.settings)

    def is_for_http(self, policy: Redirect) -> bool:
        """Return True if a redirect concerns only requests that count as http."""
        return policy is not self.redirect

    @property
    def proto(self) -> Word:
        """The scheme by which the client came, as a trusted proxy says it."""
        return self.forwarded.proto

    @property
    def guarded_redirect(self) -> bool:
        """Whether its redirect must wait until the guards have spoken."""
        return self.redirect is not None and any(policy.guards for policy in self.policies)

    @property
    def has_own_headers(self) -> bool:
        return any(isinstance(policy, (RequestHeaders, StripPrefix)) for policy in self.route.policies)

    @property
    def request_headers(self) -> tuple[Header, ...]:
        more: list[tuple[str, str]] = []
        for policy in self.route.policies:
            if isinstance(policy, RequestHeaders):
                more.extend(policy.set)
            elif isinstance(policy, StripPrefix):
                more.append(("X-Forwarded-Prefix", policy.path.text))
        return request_headers(self.forwarded, more)

    def named(self, kind: str, *depends: object) -> Word:
        """A name for a zone or a named location of this route, which changes with what it depends on."""
        return Word(f"{kind}_{identifier(self.route.id, kind, *map(str, depends), shown=self.route.id)}")

    def variable(self, kind: str, *depends: object) -> Word:
        return Word("$fw_" + self.named(kind, *depends))

    def key(self, key: Key) -> Word:
        """The variable that holds a part of the request."""
        fixed = {"ip": self.forwarded.key, "host": "$host", "path": "$uri", "query": "$args", "uri": "$request_uri"}
        if key.kind == "header":
            return Word("$http_" + key.name.replace("-", "_"))
        return Word(f"$cookie_{key.name}" if key.kind == "cookie" else fixed[key.kind])

    @property
    def address(self) -> Word | None:
        """The variable of the client's address, where it is another than nginx's own."""
        return self.forwarded.address if self.forwarded.address != "$remote_addr" else None

    def counted(self, kind: str, key: Key) -> Word:
        """The name of a zone that counts by a key: nginx refuses to reload a zone under another one."""
        is_usual = key.kind != "ip" or self.forwarded.key == "$binary_remote_addr"
        return self.named(kind, key) if is_usual else self.named(kind, key, self.forwarded.key)

    def keys(self, *parts: str | Key) -> Expression:
        """Parts of the request, kept apart by a character that no URI has."""
        joined: list[str] = []
        for part in parts:
            joined += [self.key(part) if isinstance(part, Key) else part, "|"]
        return expression(*joined[:-1])

    def as_sent(self, keys: tuple[Key, ...]) -> tuple[Word, ...]:
        """Parts of a request as servers are sent them: the host with its port, of which they make links."""
        return tuple(Word("$fw_host") if key.kind == "host" else self.key(key) for key in keys)

    def text(self, *parts: str) -> Expression:
        return expression(*parts)

    def word(self, *parts: object) -> Word:
        return Word("".join(map(str, parts)))

    def path(self, *parts: str) -> Plain:
        """A path below the proxy's directory."""
        return Plain("/".join((self.settings.proxy_directory, *parts)))

    def larger_than(self, limit: int) -> Pattern:
        return larger_than(limit)

    def pattern(self, *parts: str) -> Pattern:
        """A pattern of our own, in parts."""
        return Pattern("".join(parts))

    def text_pattern(self, *parts: str) -> Plain:
        """The same for directives that take nothing but a pattern."""
        return Plain("".join(parts))

    def exact(self, prefix: Prefix) -> str:
        """A pattern for a prefix in a decoded path."""
        return exactly(prefix.text)

    @property
    def restores(self) -> bool:
        """Whether answers get the prefix again that was taken off their requests."""
        stripped = any(isinstance(policy, StripPrefix) and policy.restore for policy in self.route.policies)
        return stripped and not self.sends_compared

    @property
    def can_send(self) -> bool:
        """Whether something can be sent as it came: a path, or the parameter that holds it."""
        return self.module != "grpc"

    @property
    def sends_compared(self) -> bool:
        """Whether the path can only be sent in the form in which it was compared."""
        return self.module != "proxy"

    @property
    def unsendable(self) -> str:
        """What a path must not have in it where it is sent as it was compared: that would be another path."""
        return "%" if self.module in ("fastcgi", "uwsgi") else "%2[Ff]"

    @property
    def request_uri(self) -> Word:
        """The target for parameters of FastCGI and uwsgi: as it came, or without its prefix."""
        prefix = next((policy.path for policy in self.route.policies if isinstance(policy, StripPrefix)), None)
        return (
            self.variable("target", prefix) if prefix and self.module in ("fastcgi", "uwsgi") else Word("$request_uri")
        )

    def only_cookies(self, names: Iterable[str]) -> Pattern:
        """A Cookie header in which there is nothing but these cookies."""
        return Pattern(rf"^(?:(?:{'|'.join(names)})=[^;]*(?:;\s*|\z))+\z")

    def exactly(self, text: str) -> Pattern:
        """This text and nothing else."""
        return Pattern(rf"^{exactly(text)}\z")

    def to(self, directive: str) -> Markup:
        """A directive's name in the words of the module that speaks the upstream's protocol: `proxy_read_timeout`."""
        if re.fullmatch("[a-z_]+", directive) is None:
            raise TemplateError(f"{directive!r} is not the name of a directive")
        return Markup(f"{self.module}_{directive}")

    @property
    def module(self) -> str:
        """The module that speaks the upstream's protocol."""
        return _MODULES.get(self.target.protocol, "proxy")

    def users(self, policy: BasicAuth) -> Plain:
        """The file of names and hashes: a side file beside the configuration, or one of the operator's."""
        if policy.file is not None:
            return Plain(f"{self.settings.user_files}/{policy.file}")
        return Plain(user_file(policy))

    def authorities(self, policy: UpstreamTls) -> Plain:
        """The file of the authorities whose certificates are trusted."""
        return Plain(f"{self.settings.ca_files}/{policy.ca}")

    def redirect_target(self, target: RedirectTarget) -> Expression:
        """Where a redirect leads; presets keep the raw path and query."""
        if target.preset:
            port, proto = self.settings.https_suffix, self.forwarded.proto
            return Expression(_PRESETS[target.preset].replace("{port}", port).replace("{proto}", proto))
        return expression(*(Word(_PARTS[part]) if part in _PARTS else part for part in target.parts))

    def failure(self, name: str) -> Word:
        return Word(f"http_{name}" if name.isdigit() else name)

    def header(self, name: str) -> Word:
        return Word("$http_" + name.lower().replace("-", "_"))

    def cookie(self, name: str) -> Word:
        return Word(f"$cookie_{name}")

    def set_cookie(self, policy: Sticky) -> Expression:
        """The Set-Cookie that binds a new client (RFC 6265 §4.1)."""
        text = [
            f"{policy.cookie}=",
            Word("$request_id"),
            "; Path=/; HttpOnly; SameSite=",
            policy.same_site.capitalize(),
        ]
        if policy.max_age.milliseconds:
            text.append(f"; Max-Age={policy.max_age.milliseconds // 1000}")
        return expression(*text, *(["; Secure"] if policy.secure else []))

    def cache_zone(self, name: str) -> Word:
        return zone_name(name, self.settings, self.module)

    @property
    def uses(self) -> frozenset[str]:
        """Which of the skeleton's maps its redirect or its answers need."""
        if self.redirect is None:
            return frozenset({"home"} if self.restores else ())
        to = self.redirect.to
        return frozenset({"apex"} if to.preset in ("www", "apex") else {"raw_path"} if "$path" in to.parts else ())

    @property
    def script(self) -> Expression:
        """The file that a fastcgi workload runs."""
        return expression(self.target.root, Word("$fw_script"))


def zone_name(name: str, settings: Settings, module: str) -> Word:
    """A cache zone's name for nginx: it changes with its path, as a zone that moves is refused by a reload."""
    return Word(f"cache_{identifier(name, settings.proxy_directory, module, shown=name)}")


def user_file(policy: BasicAuth) -> str:
    """The side file of a policy's users, named by what is in it."""
    return f"auth/{identifier(*(f'{user.name}:{user.hash.reveal()}' for user in policy.users), shown='users')}"
