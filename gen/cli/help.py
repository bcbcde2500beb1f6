"""The command group: commands in the order in which one meets them; what a command cannot use is explained."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

_ORDER = ("watch", "routes", "networks", "check", "render", "plan", "health", "snapshot")
_NOBODY_READS = 141


class Commands(click.Group):
    """A group whose commands may be cut off by a closed pipe (`fairway routes | head -1`)."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(super().list_commands(ctx), key=_ORDER.index)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            code = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # What is still in the buffer would fail again when Python ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise click.exceptions.Exit(_NOBODY_READS) from None
        except click.UsageError as error:
            if not error.message.startswith("Got unexpected extra argument"):
                raise
            hint = "a compose file is named by -f, a snapshot by --snapshot"
            raise click.UsageError(f"{error.message}; {hint}", ctx=error.ctx) from error
        return code
