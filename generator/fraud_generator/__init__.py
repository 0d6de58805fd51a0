"""Labelled traffic with planted fraud: one scenario a module, seeded, its clock injected.

``generate`` makes the batches; ``run`` sends them to a target at a steady rate.
"""

from fraud_generator.errors import GeneratorError, SettingsError, SinkError
from fraud_generator.kafka import KafkaTarget
from fraud_generator.model import Batch, Label, Record, Settings
from fraud_generator.progress import Progress
from fraud_generator.run import run
from fraud_generator.scenarios import SCENARIOS
from fraud_generator.scenarios.base import Scenario
from fraud_generator.sinks import FileTarget, NullTarget, StdoutTarget, Target
from fraud_generator.source import generate

__all__ = [
    "SCENARIOS",
    "Batch",
    "FileTarget",
    "GeneratorError",
    "KafkaTarget",
    "Label",
    "NullTarget",
    "Progress",
    "Record",
    "Scenario",
    "Settings",
    "SettingsError",
    "SinkError",
    "StdoutTarget",
    "Target",
    "generate",
    "run",
]
