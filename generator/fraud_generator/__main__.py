"""``python -m fraud_generator``: the command on its own."""

import typer

from fraud_generator.command import EPILOG, generate

app = typer.Typer(add_completion=False)
app.command(epilog=EPILOG)(generate)

if __name__ == "__main__":
    app(prog_name="fraud_generator")
