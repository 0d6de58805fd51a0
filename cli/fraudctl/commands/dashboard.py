"""``fraudctl dashboard``: a detector's dashboard as a file that Kibana imports."""

from pathlib import Path
from typing import Annotated

import typer

EPILOG = """Example: fraudctl dashboard manifests/bank.yaml > dashboard.ndjson

In Kibana: Stack Management, Saved Objects, Import. Importing again replaces what was imported before.

Exit codes: 0 written, 2 the file was wrong."""


def dashboard(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A FraudDetector, as YAML or JSON.")],
) -> None:
    """Print the saved objects of a detector's dashboard, for importing into Kibana by hand."""
    from fraud_services.kibana.objects import ndjson, saved_objects
    from fraudctl.detectors import load_one
    from fraudctl.output import write

    write(ndjson(saved_objects(load_one(file))).encode())
