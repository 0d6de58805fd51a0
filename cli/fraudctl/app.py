"""The commands of ``fraudctl``."""

from typing import Annotated

import typer

from fraud_generator.command import EPILOG as GENERATE_EPILOG
from fraud_generator.command import generate
from fraudctl import __version__
from fraudctl.commands import check, dashboard, run, tail

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


app.command(epilog=run.EPILOG)(run.run)
app.command(epilog=check.VALIDATE_EPILOG)(check.validate)
app.command(epilog=check.PLAN_EPILOG)(check.plan)
app.command(epilog=tail.EPILOG)(tail.tail)
app.command(epilog=dashboard.EPILOG)(dashboard.dashboard)
app.command(epilog=check.SCHEMA_EPILOG)(check.schema)
app.command(epilog=GENERATE_EPILOG)(generate)
