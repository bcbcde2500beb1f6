"""What this HAProxy can do: small configurations, and whether `haproxy -c` takes them.

A check opens no socket and prints on stderr; it ends with 0 where the configuration is good. What only the runtime API
or the master's can do leaves no trace in a configuration: there the version has to tell, asked inside one as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

_TIMES = "timeout connect 1s\ntimeout client 1s\ntimeout server 1s"
_QUICK = ".if feature(OPENSSL)\nhttpclient.ssl.verify none\n.endif"
"""Without it each check reads all authorities that the system trusts, for requests of its own that HAProxy never makes
here: that takes four times as long as all the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HaproxyProbe:
    """One capability. `globals`, `frontend`, `backend` and `server` are what is written there, `sections` stand beside
    them; `since` is the version from which on it is there, where no configuration tells."""

    name: str
    globals: str = ""
    frontend: str = ""
    backend: str = ""
    server: str = ""
    sections: str = ""
    since: str = ""

    def config(self, socket: PurePosixPath, modules: tuple[str, ...] = ()) -> str:
        """A whole configuration around the probe. HAProxy has no modules."""
        version = f".if !version_atleast({self.since})\n.alert before\n.endif\n" if self.since else ""
        listen = f"bind unix@{socket}\ndefault_backend b\nlog global"
        server = f"server s 127.0.0.1:9 {self.server}"
        return (
            f"{version}global\n{_QUICK}\nlog stderr format raw local0\n{self.globals}\n"
            f"defaults\nmode http\n{_TIMES}\n{self.sections}\n"
            f"frontend f\n{listen}\n{self.frontend}\n"
            f"backend b\n{self.backend}\n{server}\n"
        )

    def is_supported(self, returncode: int, stderr: str) -> bool:
        """Whether `haproxy -c` on `config` found the capability."""
        return returncode == 0


_QUIC = "bind quic4@127.0.0.1:9 ssl strict-sni alpn h3"

PROBES = (
    # A check binds nothing, so it cannot tell whether the kernel has the protocol; that this file is there does.
    HaproxyProbe(name="ipv6", frontend="bind [::1]:9\nacl a path -m str -f /proc/net/if_inet6"),
    HaproxyProbe(name="httpclient", globals="httpclient.ssl.verify none"),
    HaproxyProbe(name="user", globals="user haproxy\ngroup haproxy"),
    HaproxyProbe(name="pcre", frontend="acl a path -m reg -- (?=a)a"),
    HaproxyProbe(name="crypt", globals=".if !feature(LIBCRYPT)\n.alert without\n.endif"),
    HaproxyProbe(name="fcgi", sections="fcgi-app a\ndocroot /x", backend="use-fcgi-app a", server="proto fcgi"),
    HaproxyProbe(name="prometheus", frontend="http-request use-service prometheus-exporter if { path /m }"),
    HaproxyProbe(
        name="normalize_uri",
        globals="expose-experimental-directives",
        frontend="http-request normalize-uri path-merge-slashes",
    ),
    # Either without more, or where the TLS library has no part for it with a word that turns a lesser one on.
    HaproxyProbe(name="quic", frontend=_QUIC),
    HaproxyProbe(name="limited_quic", globals="limited-quic", frontend=_QUIC),
    HaproxyProbe(name="mlkem", frontend="bind 127.0.0.1:9 ssl strict-sni curves X25519MLKEM768"),
    HaproxyProbe(name="hash_key", server="hash-key addr-port"),
    HaproxyProbe(name="guid", server="guid x"),
    HaproxyProbe(name="retry_429", backend="retry-on 429"),
    HaproxyProbe(name="virtual_maps", frontend="http-request set-var(txn.a) path,map_str(virt@x)"),
    HaproxyProbe(name="init_state", server="check init-state up"),
    HaproxyProbe(name="compress_min", frontend="compression algo gzip\ncompression minsize-res 1k"),
    HaproxyProbe(name="drop_trailers", backend="option http-drop-request-trailers"),
    HaproxyProbe(name="sni_auto", server="ssl verify none sni-auto"),
    HaproxyProbe(name="max_payload", globals="tune.cli.max-payload-size 1048576"),
    HaproxyProbe(name="sync_reload", since="2.7"),
    HaproxyProbe(name="json_log", since="3.0"),  # before, an unknown flag of a format is passed over in silence
    HaproxyProbe(name="cookie_dynamic", since="3.0"),
    HaproxyProbe(name="srv_wait", since="3.0"),
    HaproxyProbe(name="add_backend", since="3.4"),
)
"""By the names that templates ask for."""

BUILT = frozenset({"httpclient"})
"""What depends on the build: there has to be a TLS library."""
