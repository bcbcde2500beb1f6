"""The command line; the only place that prints.

Exit codes: 0 fine; 1 `check` or `doctor` found errors, `explain` nobody who answers, `apply` or `publish` did not
succeed; 2 `plan` found changes; 64 wrong usage; 130 interrupted; 141 nobody reads any more; the others
stand in gen/errors.py.
"""

from __future__ import annotations

import sys
import traceback
from typing import NoReturn

import click

from gen.cli.group import fairway
from gen.cli.show import clean, paint
from gen.errors import FairwayError

USAGE = 64


def main() -> NoReturn:
    """The entry point: errors become one clear line and their exit code."""
    try:
        code = fairway.main(prog_name="fairway", standalone_mode=False)
    except click.exceptions.Exit as error:
        code = error.exit_code
    except click.Abort:
        code = 130
    except click.ClickException as error:
        error.show()
        code = USAGE
    except FairwayError as error:
        click.echo(f"{paint('error:', 'red')} {clean(str(error))}", err=True)
        if error.hint:
            click.echo(f"  {paint('hint:', 'cyan')} {clean(error.hint)}", err=True)
        code = error.exit_code
    except Exception:  # a bug of ours must not look like what `check` found
        traceback.print_exc()
        code = FairwayError.exit_code
    sys.exit(code if isinstance(code, int) else 0)
