"""One Upgrade of our own reaches a server, or none: what else a client would switch to is a way around the proxy."""

from __future__ import annotations

import pytest

from tests.conformance.conftest import Serve
from tests.support.client import Ask, Client
from tests.support.servers import Servers
from tests.support.world import instance, workload

KEY = ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
SETTINGS = ("HTTP2-Settings", "AAMAAABkAARAAAAAAAIAAAAA")
WISHES = {
    "websocket": (("Upgrade", "websocket"), ("Connection", "Upgrade")),
    "spelled otherwise": (("uPGRADE", "WebSocket"), ("cONNECTION", "keep-alive, uPGRADE")),
    "websocket, then h2c": (("Upgrade", "websocket"), ("Upgrade", "h2c"), ("Connection", "Upgrade")),
    "h2c, then websocket": (("Upgrade", "h2c"), ("Upgrade", "websocket"), ("Connection", "Upgrade")),
    "both in one": (("Upgrade", "websocket, h2c"), ("Connection", "Upgrade"), SETTINGS),
    "both in one, h2c first": (("Upgrade", "h2c,websocket"), ("Connection", "Upgrade, HTTP2-Settings"), SETTINGS),
    "h2c": (("Upgrade", "h2c"), ("Connection", "Upgrade, HTTP2-Settings"), SETTINGS),
    "several Connections": (
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Connection", "HTTP2-Settings"),
        SETTINGS,
    ),
    "another protocol": (("Upgrade", "TLS/1.0"), ("Connection", "Upgrade")),
    "a version": (("Upgrade", "websocket/13"), ("Connection", "Upgrade")),
    "no Connection": (("Upgrade", "websocket"),),
    "no Upgrade": (("Connection", "Upgrade, HTTP2-Settings"), SETTINGS),
}


@pytest.mark.parametrize("wish", WISHES)
def test_one_upgrade_of_our_own_or_none_reaches_a_server(serve: Serve, servers: Servers, port: int, wish: str) -> None:
    there = servers.open("a-1")
    serve(workload("a", {"fairway.host": "a.test"}, instance("a-1", "127.0.0.1", there.port)))
    with Client(port) as client:
        status = client.send(Ask(host="a.test", headers=(*WISHES[wish], KEY))).status
    (seen,) = servers.seen()
    fields = {name: seen.headers[name].lower() for name in ("upgrade", "connection") if name in seen.headers}
    assert fields.get("connection", "close") in ("upgrade", "close", "keep-alive")
    assert (fields.get("upgrade"), fields.get("connection") == "upgrade") in (("websocket", True), (None, False))
    assert "http2-settings" not in seen.headers
    assert status in ((101, 502) if "upgrade" in fields else (200,))
    if wish in ("websocket", "spelled otherwise"):
        assert status == 101
