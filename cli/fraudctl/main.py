"""What the script ``fraudctl`` runs: exit codes, and what becomes of errors.

Imports next to nothing: until ``main`` runs, Python's own answer to Ctrl-C is a traceback.
"""

import os
import signal
import sys

from fraudctl.errors import FraudctlError
from fraudctl.output import ReaderGone

_INTERRUPTED = 130


def main() -> None:
    """Entry point: exits with the documented codes and never shows a traceback."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end_at_once)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # held by the script that starts Python
    _end(_main())


def _end_at_once(number: int, frame: object) -> None:
    """What a signal does unless a run listens to it itself.

    Raises no KeyboardInterrupt: a module that is being imported may swallow it.
    """
    processes = sys.modules.get("fraudctl.runtime.processes")
    leave = getattr(processes, "leave_to_guard", None)
    if leave is not None:
        leave()
    os._exit(_INTERRUPTED)


def _main() -> int:
    try:
        from fraudctl.app import app

        return int(app(prog_name="fraudctl", standalone_mode=False) or 0)
    except FraudctlError as error:
        return _fail(str(error), error.exit_code)
    except ReaderGone:
        return _reader_gone()
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else 1
    except Exception as error:
        return _other(error)


def _end(code: int) -> None:
    from fraudctl.runtime.processes import kill_all

    kill_all()
    _flush()
    # Not sys.exit: a Kafka client with a request that was never answered would wait for it for ever.
    os._exit(code)


def _fail(message: str, code: int) -> int:
    _flush()
    sys.stderr.write(f"fraudctl: error: {' '.join(message.split())}\n")
    return code


def _flush() -> None:
    try:
        sys.stdout.flush()
    except OSError:
        return  # nobody reads it any more


def _reader_gone() -> int:
    """What is left in the buffer has nowhere to go."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _other(error: Exception) -> int:
    import errno

    import typer

    if isinstance(error, typer.Exit):
        return error.exit_code
    if isinstance(error, typer.Abort):
        return _INTERRUPTED
    if hasattr(error, "format_message"):  # a usage error; its class is private in some versions of typer
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "fraudctl"
        return _fail(f"{error.format_message()}; see '{command} --help'", 2)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        where = f" for {error.filename}" if error.filename else ""
        return _fail(f"no space left on the device{where}; free some and try again", 1)
    return _unforeseen(error)


def _unforeseen(error: Exception) -> int:
    from fraudctl.logs import keep_traceback

    kept = keep_traceback(error)
    where = f"; the details are in {kept}" if kept else ""
    return _fail(f"unexpected {type(error).__name__}: {str(error)[:300]}{where}", 1)


if __name__ == "__main__":
    main()
