"""Why a proxy cannot listen where it should: a message of any proxy in, the same in words that help out. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from gen.proxies.commands import Fault

Trouble = Literal["in use", "denied", "not ours"]


def cannot_listen(fault: Fault, name: str, *, place: str, trouble: Trouble, more: str = "") -> Fault:
    """`name` is the proxy, `place` an address with a port as the proxy writes it; `more` is added to the hint."""
    host, _, port = place.rpartition(":")
    if trouble == "in use":
        message = f"port {port} on {host} is in use by another process"
        hint = f"`ss -ltnp sport = :{port}` shows by which"
    elif trouble == "denied":
        message = f"{name} may not listen on port {port} of {host}"
        hint = "ports below 1024 need root, CAP_NET_BIND_SERVICE, or a lower net.ipv4.ip_unprivileged_port_start"
    else:
        message = f"{host} is not an address of this host, {name} cannot listen on its port {port}"
        hint = "listen on 0.0.0.0 or [::], or on an address that `ip address` shows"
    return replace(fault, message=message, hint=hint + more)
