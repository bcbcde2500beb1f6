"""What this nginx can do: one-line configurations, and how to read what `nginx -t` says about them.

Version numbers do not tell: distributions patch, modules are left out, the TLS library decides. Every probe listens on
a unix socket only, so that none opens a port.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

MODULES = {
    "stream_in_lib": "/usr/lib/nginx/modules/ngx_stream_module.so",  # Debian, Alpine
    "stream_in_lib64": "/usr/lib64/nginx/modules/ngx_stream_module.so",  # Fedora
}
"""Where a stream module that is not built in lies, by the capability that it was found there."""
STREAM = frozenset({"stream", *MODULES})
"""Capabilities of which one is enough for TCP and UDP routes."""
_STREAM = "ssl_protocols TLSv1.2; ssl_preread on; set_real_ip_from unix:; return done;"


@dataclass(frozen=True, slots=True, kw_only=True)
class NginxProbe:
    """One capability. `http`, `server` and `location` are what is written there, or `stream` in a server of the stream
    module, with `module` loaded; `excuse` is a message that names another trouble than the capability's absence."""

    name: str
    stream: str = ""
    module: str = ""
    http: str = ""
    server: str = ""
    location: str = ""
    excuse: str = ""

    def config(self, socket: PurePosixPath, modules: tuple[str, ...] = ()) -> str:
        """A whole configuration around the probe. `modules` are loaded first, by path."""
        load = "".join(f'load_module "{module}";\n' for module in (*modules, self.module) if module)
        if self.stream:
            return f'{load}events {{}}\nstream {{ server {{ listen "unix:{socket}";\n{self.stream} }} }}\n'
        temp = "".join(
            f"{kind}_temp_path temp/probe; " for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        return (
            f"{load}events {{}}\nhttp {{\n{temp}\naccess_log off;\n{self.http}\n"
            f'server {{ listen "unix:{socket}";\n{self.server}\nlocation / {{ {self.location} }}\n}}\n}}\n'
        )

    def is_supported(self, returncode: int, stderr: str) -> bool:
        """Whether `nginx -t` on `config` found the capability."""
        return returncode == 0 or (self.excuse != "" and self.excuse in stderr)


PROBES = (
    NginxProbe(name="http2_directive", server="http2 on;"),
    NginxProbe(
        name="upstream_resolve",
        http="upstream u { zone u 64k; resolver 127.0.0.1; server name.invalid resolve; }",
        location="proxy_pass http://u;",
    ),
    NginxProbe(name="sticky", http="upstream u { zone u 64k; server 127.0.0.1:9; sticky cookie c; }"),
    NginxProbe(name="keepalive_min_timeout", server="keepalive_min_timeout 1s;"),
    # Curves are looked up only where a TLS context is made; a server that refuses every handshake needs no certificate.
    NginxProbe(name="mlkem", server="ssl_reject_handshake on; ssl_ecdh_curve X25519MLKEM768;"),
    NginxProbe(name="proxy_http2", location="proxy_http_version 2; proxy_pass http://127.0.0.1:9;"),
    # A documentation address (RFC 3849): that it is not ours (99) shows that the protocol is there.
    NginxProbe(name="ipv6", server="listen [2001:db8::1]:9;", excuse="(99:"),
    # These leave no trace of their own in a configuration; what came with them does.
    NginxProbe(name="joined_fields", http="resolver 127.0.0.1 ipv4=off;"),
    NginxProbe(name="strict_host", http="map $is_request_port $probe { default 1; }"),
    NginxProbe(name="bracketed_address", location="proxy_bind [::1];"),
    NginxProbe(name="grpc", location="grpc_pass grpc://127.0.0.1:9;"),
    NginxProbe(name="brotli", server="brotli on;"),
    NginxProbe(name="stub_status", location="stub_status;"),
    NginxProbe(name="stream", stream=_STREAM),
    *(NginxProbe(name=name, stream=_STREAM, module=path) for name, path in MODULES.items()),
)
"""By the names that templates ask for."""
