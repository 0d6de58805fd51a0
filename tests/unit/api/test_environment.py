"""Environment variables override what annotations allow, and nothing else."""

import pytest

from fraud_api import InvalidDetector, load_text


def annotated(text, variable, path):
    line = f"    environment.frauddetector.io/{variable}: {path}\n"
    return text.replace("  name: shop\n", f"  name: shop\n  annotations:\n{line}")


@pytest.mark.parametrize(
    ("path", "value", "found"),
    [
        ("spec.streams[payments].topic", "other", lambda spec: spec.streams[0].topic == "other"),
        ("spec.kafka.bootstrapServers", "k:9092", lambda spec: spec.kafka.bootstrap_servers == "k:9092"),
        ("spec.flink.parallelism", "3", lambda spec: spec.flink.parallelism == 3),
        ("spec.suspend", "true", lambda spec: spec.suspend),
        ("spec.parameters[limit].value", "12.5", lambda spec: spec.parameters[0].value == "12.5"),
        ("spec.rules[burst].window.hop.size", "20m", lambda spec: spec.rules[2].window.hop.size == "20m"),
    ],
)
def test_a_variable_overrides_a_field(text, path, value, found):
    (detector,) = load_text(annotated(text, "X", path), "x", {"X": value})
    assert found(detector.spec)


def test_without_the_variable_the_file_stands(text):
    (detector,) = load_text(annotated(text, "X", "spec.kafka.bootstrapServers"), "x", {"Y": "k:9092"})
    assert detector.spec.kafka.bootstrap_servers == "localhost:9092"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("spec.streams[payment].topic", "nothing is called 'payment'; did you mean 'payments'?"),
        ("spec.streams[payments].topik", "there is no field 'topik'; did you mean 'topic'?"),
        ("spec.streams", "not a single value"),
        ("metadata.name", "must begin with spec"),
        ("spec..x", "is not a path such as"),
        ("spec.streams[payments", "is not a path such as"),
        ("''", "must begin with spec"),
        ("'[1]'", "nothing is called '1'"),
    ],
)
@pytest.mark.parametrize("environ", [{}, {"X": "1"}])
def test_a_path_that_leads_nowhere_is_a_problem(text, path, message, environ):
    with pytest.raises(InvalidDetector) as refusal:
        load_text(annotated(text, "X", path), "shop.yaml", environ)
    (problem,) = refusal.value.problems
    assert (problem.line, problem.path) == (6, "metadata.annotations[environment.frauddetector.io/X]")
    assert message in problem.message


def test_a_value_that_does_not_fit_names_the_variable(text):
    with pytest.raises(InvalidDetector) as refusal:
        load_text(annotated(text, "X", "spec.flink.parallelism"), "shop.yaml", {"X": "many"})
    (problem,) = refusal.value.problems
    assert str(problem) == (
        "shop.yaml:6: spec.flink.parallelism: must be a whole number, not 'many' (value of the environment's X)"
    )
