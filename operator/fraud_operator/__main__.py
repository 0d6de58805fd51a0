"""The operator: ``python -m fraud_operator``; its settings come from the environment."""

import os
import sys
from collections.abc import Callable
from typing import Any, cast

import kopf

from fraud_operator import health, logs, metrics
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
        _serve("FRAUD_METRICS_PORT", settings.metrics_port, metrics.serve)
        _serve(
            "FRAUD_HEALTH_PORT", settings.health_port, lambda port: health.serve(port, program.dead, program.unready)
        )
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
        stop_flag=program.stopped,
    )
    return 1 if program.stopped.is_set() else 0


def _serve(variable: str, port: int, serve: Callable[[int], None]) -> None:
    try:
        serve(port)
    except OSError as error:
        raise BadSettings(f"{variable}: port {port} can't be listened on: {error.strerror}") from None


if __name__ == "__main__":
    sys.exit(main())
