"""The group that may read the files of a release: a control, a proxy's words and the operator's → its number, or None.

All files of a release are readable by their owner and one group (0640). nginx reads password files in its workers, as
the user of the configuration or else the one compiled in: the group is that user's. A proxy whose master reads every
file needs a group only where the master is not root: that of the container, or of the running process. The number is
that of the place where the proxy runs: in a container that is its own /etc/group, which may know other names than
this machine. Where the group cannot be found, workers cannot read a password file and the proxy answers 500; where
the engine remaps users and Fairway runs outside of it, the proxy's own check cannot read the release and refuses it.
Guards fail closed: no file is made readable for all users instead.
"""

from __future__ import annotations

from gen.control import Control
from gen.errors import SettingsError
from gen.proxies.commands import Commands

_SECONDS = 10.0


def worker_group(control: Control, commands: Commands, *, user: str) -> int | None:
    """The group of the proxy's workers. `user`: the setting proxy_user, empty for the proxy's own.

    Raises SettingsError when that user has no group of his name there, which the proxy demands; ProxyError when it
    cannot be asked at all.
    """
    if not commands.ask_workers:
        return control.group_id(())
    if user:
        found = control.group_id((user,))
        if found is None and control.starts:
            where = f"where {commands.name} runs"
            raise SettingsError(f"proxy_user: {where} there is no group {user!r}, which it would use")
        return found
    asked = control.run(commands.ask_workers, timeout=_SECONDS)
    return control.group_id(commands.worker_groups(asked.stderr if asked else ""))


def inner_group(control: Control, commands: Commands, *, user: str, group: int | None) -> int | None:
    """The group whose members enter the directory of the sockets between the proxy's own servers.

    That is the private files' `group` where workers read those too. Else it is the group that the configuration gives
    the workers, which may not read private files; with the setting `user` they keep the master's.
    """
    if commands.ask_workers or user or not commands.inner_groups:
        return group
    return control.group_id(commands.inner_groups)
