"""Users and groups of a container: the text of its /etc/passwd and /etc/group → numbers. Pure.

The formats are those of passwd(5) and group(5).
"""

from __future__ import annotations

import io
import tarfile


def group_of(account: str, *, passwd: str, groups: str) -> int | None:
    """The group of an image's `USER`: `web`, `101`, `web:staff` or `101:102`. A number that passwd does not know
    has the group 0, as the engine decides."""
    user, colon, group = account.partition(":")
    if colon:
        return int(group) if group.isdecimal() else number_of((group,), groups)
    for line in passwd.splitlines():
        fields = line.split(":")
        if len(fields) > 3 and user in (fields[0], fields[2]) and fields[3].isdecimal():
            return int(fields[3])
    return 0 if user.isdecimal() else None


def number_of(names: tuple[str, ...], groups: str) -> int | None:
    """The number of the first of these groups that exists."""
    numbers = {fields[0]: fields[2] for line in groups.splitlines() if len(fields := line.split(":")) > 2}
    return next((int(numbers[name]) for name in names if numbers.get(name, "").isdecimal()), None)


def only_file(archive: bytes) -> str:
    """The text of the first regular file in a tar archive; empty where there is none."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        for member in opened:
            if member.isfile() and (file := opened.extractfile(member)) is not None:
                return file.read().decode(errors="replace")
    return ""
