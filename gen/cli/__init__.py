"""The command line; the only place that prints.

Exit codes: 0 fine; 1 `check` or `doctor` found errors, `explain` nobody who answers, `apply` or `publish` did not
succeed; 2 `plan` found changes; 64 wrong usage; 130 interrupted; 141 nobody reads any more; the others
stand in gen/errors.py.
"""

from __future__ import annotations

import os
import sys
from typing import NoReturn

_INTERRUPTED = 130


def main() -> NoReturn:
    """The entry point. Commands are imported in here, so that Ctrl-C is answered as quietly while that goes on."""
    try:
        _open_streams()
        from gen.cli.ending import run

        code = run()
    except KeyboardInterrupt:
        code = _INTERRUPTED
    sys.exit(code)


def _open_streams() -> None:
    """Who starts us may have closed some of them (`2>&-`). What is opened next would take their numbers, and a proxy
    would write its log into it."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdin = sys.stdin or open(0, closefd=False, encoding="utf-8")  # noqa: SIM115
    sys.stdout = sys.stdout or open(1, "w", closefd=False, encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", closefd=False, encoding="utf-8")  # noqa: SIM115
