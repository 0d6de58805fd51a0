"""The console script ``fraudctl``: commands, and what becomes of errors."""

import errno
import os
import sys
from contextlib import suppress
from typing import Annotated

import typer

from fraud_generator.command import EPILOG as GENERATE_EPILOG
from fraud_generator.command import generate
from fraudctl import __version__
from fraudctl.commands import check, run
from fraudctl.errors import FraudctlError, MachineError
from fraudctl.interrupts import EXIT_CODE, break_on_termination
from fraudctl.runtime.processes import kill_all

_HELP = """Streaming fraud detection from one FraudDetector file.

Exit codes of every command: 0 done, 1 the machine failed (Java, disk, broker), 2 the command or a file was wrong,
130 interrupted. `fraudctl --install-completion` completes commands and options in your shell."""

app = typer.Typer(help=_HELP, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"fraudctl {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


def _tail() -> None:
    from fraudctl.commands import tail

    app.command(epilog=tail.EPILOG)(tail.tail)


app.command(epilog=run.EPILOG)(run.run)
app.command(epilog=check.VALIDATE_EPILOG)(check.validate)
app.command(epilog=check.PLAN_EPILOG)(check.plan)
_tail()
app.command(epilog=check.SCHEMA_EPILOG)(check.schema)
app.command(epilog=GENERATE_EPILOG)(generate)


def main() -> None:
    """Entry point: exits with the documented codes and never shows a traceback."""
    code = _main()
    kill_all()
    with suppress(OSError):
        sys.stdout.flush()
    # Not sys.exit: a Kafka client with a request that was never answered would wait for it for ever.
    os._exit(code)


def _main() -> int:
    break_on_termination()
    try:
        return int(app(standalone_mode=False) or 0)
    except typer.Exit as error:
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return EXIT_CODE
    except FraudctlError as error:
        return _fail(str(error), error.exit_code)
    except BrokenPipeError:
        return _reader_gone()
    except Exception as error:
        return _unforeseen(error)


def _fail(message: str, code: int) -> int:
    sys.stderr.write(f"fraudctl: error: {message}\n")
    return code


def _reader_gone() -> int:
    """Who read our output wants no more (``| head``), which is no error."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _unforeseen(error: Exception) -> int:
    if hasattr(error, "format_message"):  # a usage error; the class is private in some versions of typer
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "fraudctl"
        return _fail(f"{error.format_message()}; see '{command} --help'", 2)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return _fail(f"no space left on the device{f' for {error.filename}' if error.filename else ''}", 1)
    from fraudctl.logs import keep_traceback

    kept = keep_traceback(error)
    where = f"; the details are in {kept}" if kept else ""
    return _fail(str(MachineError(f"unexpected {type(error).__name__}: {_first_line(error)}{where}")), 1)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0][:300]


if __name__ == "__main__":
    main()
