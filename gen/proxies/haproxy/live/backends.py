"""Backends: those that two configurations do not share → commands, or why only a reload can change them.

A backend that is gone stays in a running HAProxy before 3.4, without servers and without anything that leads to it;
when it comes back as it was, nothing but its servers is new.
"""

from __future__ import annotations

from gen.proxies.haproxy.live import servers
from gen.proxies.haproxy.live.change import Change, Phase
from gen.proxies.haproxy.live.sections import Backend, Difference, backend
from gen.proxies.live import Command, Leftover

ADD_BACKEND = "add_backend"
"""The capability to add whole backends, HAProxy 3.4."""
_TWO_WORDS = frozenset(
    [
        "timeout",
        "option",
        "no",
        "http-request",
        "http-response",
        "http-after-response",
        "http-check",
        "tcp-check",
        "tcp-request",
        "tcp-response",
        "stick",
        "acl",
        "filter",
        "email-alert",
    ]
)


def compare(found: Difference, change: Change) -> None:
    """The skeletons, and every backend that differs."""
    _compare_skeletons(found, change)
    for name in sorted(found.old.keys() | found.new.keys()):
        old, new = found.old.get(name), found.new.get(name)
        if old is None and new is not None:
            _come(new, found, change)
        elif new is None and old is not None:
            _go(old, change)
        elif old is not None and new is not None and old.text != new.text:
            change.reload(f"backend {name}: {_what_differs(old, new)}")
        elif old is not None and new is not None:
            servers.compare(old, new, change)


def _compare_skeletons(found: Difference, change: Change) -> None:
    old, new = found.old_skeleton, found.new_skeleton
    titles = [title for title in dict.fromkeys((*old, *new)) if old.get(title) != new.get(title)]
    for title in titles:
        change.reload(
            f"{title} {'differs' if title in old and title in new else 'is new' if title in new else 'is gone'}"
        )
    if not titles and list(old) != list(new):
        change.reload("the sections stand in another order")


def _what_differs(old: Backend, new: Backend) -> str:
    """The first words of the lines that only one of them has."""
    if old.header != new.header:
        return "its defaults differ"
    lines = [line for line in (*old.body, *new.body) if (line in old.body) != (line in new.body)]
    titles = dict.fromkeys(map(_title, lines))
    return ", ".join(titles) + " differs" if titles else "its lines stand in another order"


def _title(line: str) -> str:
    first, *rest = line.split()
    return f"{first} {rest[0]}" if first in _TWO_WORDS and rest else first


def _come(new: Backend, found: Difference, change: Change) -> None:
    left = change.leftovers.get(new.name)
    if left is not None and left.text == new.text:
        change.retake(new.name)
        change.live(f"backend {new.name} is back")
        if left.removal:
            change.do(Phase.CHANGE_SERVERS, _publish(new))
    elif why := _why_not_added(new, change):
        change.reload(f"backend {new.name} is new{why}")
        return
    else:
        change.live(f"backend {new.name} is new")
        change.do(Phase.ADD_BACKENDS, Command(line=f"add {new.header} mode http", reply="registered"))
        change.do(Phase.CHANGE_SERVERS, _publish(new))
    servers.compare(backend(new.text), new, change)


def _publish(new: Backend) -> Command:
    """Until then nothing that is looked up leads to it."""
    return Command(line=f"publish backend {new.name}", reply="Backend published")


def _why_not_added(new: Backend, change: Change) -> str:
    if ADD_BACKEND not in change.capabilities:
        return " (this HAProxy has no `add backend`)"
    if new.name in change.leftovers:
        return ", and what is left of one with this name is another"
    if len(new.header.split()) != 4 or new.header.split()[2] != "from":
        return " and has no named defaults"
    return f" and has more than its defaults: {_title(new.body[0])}" if new.body else ""


def _go(old: Backend, change: Change) -> None:
    change.live(f"backend {old.name} is gone")
    for name in old.servers:
        servers.remove_server(f"{old.name}/{name}", change)
    left = Leftover(kind="backend", name=old.name, text=old.text)
    if ADD_BACKEND not in change.capabilities or old.body:
        change.leaves.append(left)
    else:
        _delete(old, change)


def _delete(old: Backend, change: Change) -> None:
    """It may be referenced, or its servers have requests: then it stays for a while without being looked up."""
    wait, delete = f"wait {servers.WAIT_MILLISECONDS}ms be-removable {old.name}", f"del backend {old.name}"
    left = Leftover(kind="backend", name=old.name, text=old.text, removal=(wait, delete), reply="Backend deleted")
    change.do(
        Phase.REMOVE_BACKENDS,
        Command(line=f"unpublish backend {old.name}", reply="Backend unpublished"),
        Command(line=delete, reply="Backend deleted", leaves=left),
    )
