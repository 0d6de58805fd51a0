"""Topics: what two streams read alike, what is written once, and no loops."""

from fraud_api import naming
from fraud_api.problems import Place
from fraud_api.streams import Stream
from fraud_api.validation.report import SPEC, Report


def check(report: Report) -> None:
    """Check which topics are read and written."""
    inputs = _inputs(report)
    _written(report, inputs)


def _inputs(report: Report) -> dict[str, str]:
    """Names of the streams by topic; two that read one topic must read it the same way."""
    first: dict[str, Stream] = {}
    for index, stream in enumerate(report.spec.streams):
        other = first.setdefault(stream.topic_name, stream)
        difference = _difference(stream, other)
        if difference:
            place = _topic_place(SPEC.field("streams").item(index, stream.name), stream.topic)
            message = f"topic '{stream.topic_name}' is read by stream '{other.name}' too, with {difference}"
            report.add(place, message)
    return {topic: stream.name for topic, stream in first.items()}


def _difference(stream: Stream, other: Stream) -> str | None:
    columns, others = (
        {c.name: (c.type, c.required, c.place, c.written_as, c.on_invalid) for c in one.columns}
        for one in (stream, other)
    )
    for name in dict.fromkeys([*columns, *others]):
        if columns.get(name) != others.get(name):
            return f"another column '{name}'" if name in columns and name in others else f"and without column '{name}'"
    return "another event time" if stream.event_time != other.event_time else None


def _written(report: Report, inputs: dict[str, str]) -> None:
    detector = report.detector
    writers = {naming.alerts_topic(detector): "alerts", naming.late_topic(detector): "late events"}
    writers[naming.indexer_dead_letter_topic(detector)] = "documents that Elasticsearch refuses"
    writers[naming.rules_dead_letter_topic(detector)] = "values for which an expression gives nothing"
    for index, stream in enumerate(report.spec.streams):
        topic = naming.dead_letter_topic(detector, stream)
        if topic in writers:
            place = SPEC.field("streams").item(index, stream.name).field("name")
            report.add(place, f"'{stream.name}' is taken: '{topic}' is for {writers[topic]}")
        writers[topic] = f"dead letters of stream '{stream.name}'"
    for topic, what in writers.items():
        if topic in inputs:
            place = SPEC.field("streams").item(_index(report, inputs[topic]), inputs[topic])
            report.add(place.field("topic"), f"the detector writes its {what} to '{topic}': reading them is a loop")
    blocking = SPEC.field("blocking").field("topic")
    _claim(report, blocking, naming.blocked_topic(detector), "the block list", writers, inputs)
    for index, output in enumerate(report.spec.outputs):
        place = _topic_place(SPEC.field("outputs").item(index, output.name), output.topic)
        _claim(report, place, output.topic_name, f"output '{output.name}'", writers, inputs)


def _claim(
    report: Report, place: Place, topic: str, what: str, writers: dict[str, str], inputs: dict[str, str]
) -> None:
    if topic in inputs:
        report.add(place, f"stream '{inputs[topic]}' reads topic '{topic}': writing to it is a loop")
    elif topic in writers:
        report.add(place, f"topic '{topic}' is written by {writers[topic]} already")
    else:
        writers[topic] = what


def _topic_place(place: Place, topic: str | None) -> Place:
    return place.field("topic") if topic else place.field("name")


def _index(report: Report, stream: str) -> int:
    return next(index for index, one in enumerate(report.spec.streams) if one.name == stream)
