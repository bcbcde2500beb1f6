"""How a command ends: whatever it raises becomes one clear line and its exit code."""

from __future__ import annotations

import errno
import traceback
from contextlib import suppress

import click

from gen.cli.group import fairway, give_up_printing
from gen.cli.show import clean, echo, echo_usage, paint
from gen.errors import DirectoryError, FairwayError

USAGE = 64
_INTERRUPTED = 130
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EBADF)


def run() -> int:
    """The command of this process's arguments, to its exit code."""
    try:
        code = fairway.main(prog_name="fairway", standalone_mode=False)
    except click.exceptions.Exit as error:
        code = error.exit_code
    except click.Abort:
        code = _INTERRUPTED
    except click.ClickException as error:
        echo_usage(error)
        code = USAGE
    except FairwayError as error:
        code = _told(error)
    except OSError as error:
        code = _failed(error)
    except Exception:  # a bug of ours must not look like what `check` found
        code = _bug()
    return code if isinstance(code, int) else 0


def _told(error: FairwayError) -> int:
    """Its exit code, also where it can be told nowhere."""
    with suppress(OSError):
        echo(f"{paint('error:', 'red')} {clean(str(error))}", err=True)
        if error.hint:
            echo(f"  {paint('hint:', 'cyan')} {clean(error.hint)}", err=True)
    return error.exit_code


def _failed(error: OSError) -> int:
    """A place that this user may not look into; or what has no name, which is what commands print, on a full disk."""
    if isinstance(error, PermissionError) and error.filename is not None:
        return _told(DirectoryError(f"{error.filename}: permission denied", hint="may this user enter its directory?"))
    if error.filename is not None or error.errno not in _FULL:
        return _bug()
    give_up_printing()
    return _told(DirectoryError(f"standard output cannot be written: {error.strerror}"))


def _bug() -> int:
    echo(traceback.format_exc(), err=True)
    return FairwayError.exit_code
