"""FraudDetector files read, typed and checked; everything that is wrong with a file comes at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from fraud_api.document import Document, Mistake, read_documents
from fraud_api.environment import apply_environment
from fraud_api.problems import Finding, InvalidDetector, Keys, Problem, Severity, place_of
from fraud_api.resource import GROUP, KIND, VERSION, FraudDetector
from fraud_api.shape import Shaped, shape
from fraud_api.validation import validate

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Loaded:
    """What a file holds.

    Attributes:
        detectors: all of them valid.
        warnings: what is told about them though they are.
    """

    detectors: list[FraudDetector]
    warnings: list[Problem]


def load_file(path: Path, environ: Mapping[str, str] = NOTHING) -> list[FraudDetector]:
    """Read the detectors of a YAML or JSON file; ``environ`` may override what its annotations allow.

    Raises:
        InvalidDetector: the file can't be read, or something in it is wrong.
    """
    return read_file(path, environ).detectors


def read_file(path: Path, environ: Mapping[str, str] = NOTHING) -> Loaded:
    """Read a YAML or JSON file as ``load_file`` does, and keep the warnings.

    Raises:
        InvalidDetector: the file can't be read, or something in it is wrong.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidDetector([Problem(str(path), None, "", f"can't be read: {error.strerror or error}")]) from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InvalidDetector([Problem(str(path), line, "", "not UTF-8 text")]) from None
    return read_text(text, str(path), environ)


def load_text(text: str, source_name: str, environ: Mapping[str, str] = NOTHING) -> list[FraudDetector]:
    """Read the detectors of a YAML or JSON text; ``source_name`` stands for it in messages.

    Raises:
        InvalidDetector: something in it is wrong.
    """
    return read_text(text, source_name, environ).detectors


def read_text(text: str, source_name: str, environ: Mapping[str, str] = NOTHING) -> Loaded:
    """Read a YAML or JSON text as ``load_text`` does, and keep the warnings.

    Raises:
        InvalidDetector: something in it is wrong.
    """
    documents, broken_off = read_documents(text)
    problems = [_from_mistake(source_name, None, broken_off)] if broken_off else []
    if not documents and not broken_off:
        problems.append(Problem(source_name, None, "", f"the file is empty: there is no {KIND} in it"))
    detectors = []
    for document in documents:
        detector, more = _load_document(document, source_name, environ)
        problems += more
        if detector is not None:
            detectors.append(detector)
    if any(problem.severity is Severity.ERROR for problem in problems):
        raise InvalidDetector(problems)
    return Loaded(detectors, sorted(problems, key=lambda problem: problem.line or 0))


def _load_document(
    document: Document, file: str, environ: Mapping[str, str]
) -> tuple[FraudDetector | None, list[Problem]]:
    foreign = _foreign(document.data)
    if foreign is not None:
        return None, [Problem(file, document.line, "", foreign)]
    problems = [_from_mistake(file, document, mistake) for mistake in document.mistakes]
    overrides = apply_environment(document, environ)
    shaped = shape(document.data)
    findings = [*overrides, *shaped.findings]
    problems += [_from_finding(file, document, finding, finding.place.keys) for finding in findings]
    if shaped.detector is not None:
        problems += _semantic(shaped, shaped.detector, document, file)
    return shaped.detector, problems


def _semantic(shaped: Shaped, detector: FraudDetector, document: Document, file: str) -> list[Problem]:
    found = [(finding, shaped.original(finding.place.keys)) for finding in validate(detector, broken=shaped.broken)]
    return [_from_finding(file, document, finding, keys) for finding, keys in found if not shaped.is_of_a_guess(keys)]


def _foreign(data: object) -> str | None:
    """Why a document is no FraudDetector at all; None when it is one."""
    wanted = f"apiVersion: {GROUP}/{VERSION} and kind: {KIND}"
    if not isinstance(data, dict):
        return f"not a mapping of fields: a detector begins with {wanted}"
    version, kind = data.get("apiVersion"), data.get("kind")
    if version == f"{GROUP}/{VERSION}" and kind == KIND:
        return None
    found = ", ".join(f"{key}: {data[key]}" for key in ("apiVersion", "kind") if isinstance(data.get(key), str))
    return f"not a {KIND}: expected {wanted}, found {found or 'neither'}"


def _from_mistake(file: str, document: Document | None, mistake: Mistake) -> Problem:
    path = place_of(mistake.keys, document.data).text if document else ""
    return Problem(file, mistake.line, path, mistake.message)


def _from_finding(file: str, document: Document, finding: Finding, keys: Keys) -> Problem:
    origin = document.origins.get(keys)
    message = finding.message if origin is None else f"{finding.message} (value of the environment's {origin})"
    return Problem(file, document.line_of(keys), finding.path, message, finding.hint, finding.severity)
