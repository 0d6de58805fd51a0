"""The operator: ``python -m fraud_operator``; its settings come from the environment."""

import os
import sys
from typing import Any, cast

import kopf

from fraud_operator import logs
from fraud_operator.clients.kubernetes import KubernetesError
from fraud_operator.handlers import register
from fraud_operator.program import Program
from fraud_operator.settings import BadSettings, Settings


def main() -> int:
    """Run until told to end; returns the exit code."""
    try:
        settings = Settings.from_environment(os.environ)
        logs.configure(settings.log_format, settings.log_level)
        program = Program(settings)
    except (BadSettings, KubernetesError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    registry = kopf.OperatorRegistry()
    register(registry, program, settings)
    kopf.run(
        registry=registry,
        clusterwide=not settings.namespaces,
        namespaces=settings.namespaces,
        identity=cast("Any", settings.identity),  # a type that Kopf does not export
        priority=program.rank,
        liveness_endpoint=f"http://0.0.0.0:{settings.health_port}/healthz",
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
