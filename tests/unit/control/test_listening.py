"""Who listens on this machine."""

from __future__ import annotations

import socket
from contextlib import ExitStack

import pytest

from gen.control.listening import taken_here

ADDRESSES = [("127.0.0.1", socket.AF_INET), ("0.0.0.0", socket.AF_INET), ("::1", socket.AF_INET6)]


@pytest.mark.parametrize(("address", "family"), ADDRESSES, ids=[address for address, _ in ADDRESSES])
def test_a_place_is_taken_while_somebody_listens_there(address: str, family: socket.AddressFamily) -> None:
    with socket.create_server((address, 0), family=family) as server:
        port = server.getsockname()[1]
        others = [(address, 1), ("127.0.0.9", port)]
        assert taken_here([*others, (address, port)]) == ((address, port),)
    assert taken_here([(address, port)]) == ()


def test_who_only_connects_takes_no_place() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert taken_here([client.getsockname()]) == ()


def test_many_listeners_are_more_than_one_answer_of_the_kernel() -> None:
    """It tells of so many in one packet as fit."""
    with ExitStack() as stack:
        servers = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(500)]
        places = {server.getsockname() for server in servers}
        assert set(taken_here(places)) == places
