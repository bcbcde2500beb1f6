"""Places that somebody else listens on, found before a reload: some proxies would share them without a word."""

from __future__ import annotations

from pathlib import Path

from gen.apply.confirm import serving
from gen.apply.directory import Directory
from gen.bundle import Bundle
from gen.control.protocol import Control
from gen.proxies.commands import Commands, Fault
from gen.proxies.listening import cannot_listen


def in_the_way(bundle: Bundle, directory: Directory, control: Control, commands: Commands) -> Fault | None:
    """The first of a bundle's places that is taken by another process. Those of the current release are the proxy's own
    while it runs. A proxy that was left behind is replaced first, whatever comes of it."""
    main = next(file.content for file in bundle.files if file.name == bundle.main)
    wanted = set(commands.places(main.decode()))
    if not wanted:
        return None
    is_here, current = control.is_running(), directory.current()
    is_served = serving(commands, directory.layout) is not None
    if is_served and control.starts and not is_here:
        return None
    if current and (is_served or is_here):
        wanted -= set(commands.places((Path(directory.layout.releases) / current / bundle.main).read_text()))
    for address, port in control.taken(wanted):
        fault = Fault(level="emerg", message="")
        return cannot_listen(fault, commands.name, place=f"{address}:{port}", trouble="in use")
    return None
