"""Whose workers read our private files: a control and the operator's word → the numeric group, or None.

nginx reads keys and configurations as its master, but password files in its workers, as the user of the `user`
directive or else the one compiled in. Private files are readable by that user's group only (0640). The group's number
is that of the place where nginx runs: in a container that is its own /etc/group, which may know other names than this
machine. Where the group cannot be found, or the engine remaps users, workers cannot read such a file and nginx answers
500: a guard fails closed, we never make the file readable for everybody instead.
"""

from __future__ import annotations

import re

from gen.control import Control
from gen.errors import SettingsError

_SECONDS = 10.0
_COMPILED = re.compile(r"--(user|group)='?([^\s']+)")


def worker_group(control: Control, *, binary: str, user: str) -> int | None:
    """The group of the workers of `binary`. `user`: the setting proxy_user, empty for nginx's own.

    Raises SettingsError when that user has no group of his name there, which nginx demands; ProxyError when nginx
    cannot be asked at all.
    """
    if user:
        found = control.group_id((user,))
        if found is None and control.starts:
            raise SettingsError(f"proxy_user: where nginx runs there is no group {user!r}, which it would use")
        return found
    asked = control.run((binary, "-V"), timeout=_SECONDS)
    return control.group_id(compiled_groups(asked.stderr if asked else ""))


def compiled_groups(version: str) -> tuple[str, ...]:
    """What `nginx -V` says about the workers' group; the user's name where it names none, and nobody's otherwise, as
    nginx's own `auto/unix` decides."""
    said = dict(_COMPILED.findall(version))
    if group := said.get("group") or said.get("user"):
        return (group,)
    return ("nogroup", "nobody")
