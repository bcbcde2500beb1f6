"""Bundles by a few lines of text."""

from __future__ import annotations

from gen.bundle import Bundle, File
from gen.proxies.haproxy.live import live
from gen.proxies.live import Leftover, Live

CONFIG = """global
    default-path config

frontend fe_web
    bind :80
    use_backend %[var(txn.be)]

{backends}
frontend fe_confirm
    bind unix@/run/confirm.sock
"""
ALL = frozenset({"cookie_dynamic", "srv_wait", "add_backend"})
ONE = "server s_1 10.0.0.1:80 id 1 weight 10"
TWO = "server s_2 10.0.0.2:80 id 2 weight 10"


def up(name: str, *lines: str, header: str = "") -> str:
    return "".join(f"{text}\n" for text in (f"backend {name}{header}", *(f"    {line}" for line in lines)))


def bundle(*backends: str, config: str = CONFIG, digest: str = "0" * 64, **files: str) -> Bundle:
    """`files`: `hosts` is maps/hosts.map, `web` is certs/web.list; other names are files of that name."""
    names = {"hosts": "maps/hosts.map", "exact": "maps/exact.map", "web": "certs/web.list"}
    contents = {names.get(name, name): text for name, text in files.items()}
    contents["haproxy.cfg"] = config.format(backends="\n".join(backends))
    contents["maps/release.map"] = f"digest {digest}\n"
    made = tuple(File(name=name, content=contents[name].encode()) for name in sorted(contents))
    return Bundle(main="haproxy.cfg", files=made, digest=digest)


def reasons(old: Bundle, new: Bundle, capabilities: frozenset[str] = ALL) -> tuple[str, ...]:
    return live(old, new, capabilities).reasons


def lines(old: Bundle, new: Bundle, capabilities: frozenset[str] = ALL, *left: Leftover) -> list[str]:
    """The commands between the two that set the digest."""
    found: Live = live(old, new, capabilities, left)
    assert found.reasons == ()
    said = [command.text("V") for command in found.commands]
    assert said[0] == "set map maps/release.map digest changing"
    assert said[-1] == f"set map maps/release.map digest {new.digest}"
    return said[1:-1]
