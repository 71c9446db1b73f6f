"""The command line's root: options every command has, and errors as one line with the right exit code."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from wenhou.cli.commands import Commands
from wenhou.core.errors import InputError, WenhouError
from wenhou.logs import set_up_logging

DONE, FAILED, WRONG_INPUT = 0, 1, 2
_DEBUG = "--debug"

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def root(
    *,
    debug: Annotated[bool, typer.Option(_DEBUG, help="Show the whole traceback of an error.")] = False,
) -> None:
    """Wenhou (问候): client-care outreach for banks."""
    set_up_logging("DEBUG" if debug else "WARNING")


def run() -> None:
    """Run the command line. Exit 0 done, 1 refused or failed, 2 wrong usage or bad input; no traceback."""
    try:
        app(prog_name="wenhou")
    except WenhouError as error:
        if _wants_traceback():
            raise
        fail(str(error), WRONG_INPUT if isinstance(error, InputError) else FAILED)
    except BrokenPipeError:
        sys.stderr.close()  # the reader went away, as `| head` does
        sys.exit(FAILED)
    except PermissionError as error:
        if _wants_traceback():
            raise
        fail(f"{error.filename or 'a file'}: no permission; give it to this user or run as its owner", FAILED)
    except OSError as error:
        if _wants_traceback():
            raise
        place = f"{error.filename}: " if error.filename else ""
        fail(f"{place}{error.strerror or type(error).__name__}", FAILED)
    except Exception as error:
        # The top of the process: an error we did not foresee may carry personal data in its text, so it is not shown.
        if _wants_traceback():
            raise
        fail(f"unexpected {type(error).__name__}; run `wenhou --debug …` to see where", FAILED)


def fail(sentence: str, code: int) -> None:
    """Say one line on the error output and exit."""
    sys.stderr.write(f"wenhou: {sentence}\n")
    sys.exit(code)


def _wants_traceback() -> bool:
    return _DEBUG in sys.argv[1:]
