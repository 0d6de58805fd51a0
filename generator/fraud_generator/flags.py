"""The command's options as typer shows them."""

from pathlib import Path
from typing import Annotated

import typer

from fraud_generator.scenarios import SCENARIOS

Scenario = Annotated[
    str, typer.Argument(help=f"One of {', '.join(SCENARIOS)}.", autocompletion=lambda: list(SCENARIOS))
]
Events = Annotated[
    int | None,
    typer.Option(help="Good events in all. Default: the scenario's; transactions to Kafka go on for ever."),
]
Endless = Annotated[bool, typer.Option("--endless", help="Go on until stopped, without closing records.")]
Rate = Annotated[
    float | None,
    typer.Option(help="Records a second; 0 is as fast as possible. Default: 1000 for transactions to Kafka."),
]
Seed = Annotated[int, typer.Option(help="The same seed gives the same bytes.")]
FraudShare = Annotated[float | None, typer.Option(help="Share of the events that belong to planted fraud, 0 to 1.")]
Kafka = Annotated[str | None, typer.Option(metavar="HOST:PORT", help="Send to this Kafka.")]
Topic = Annotated[list[str] | None, typer.Option(metavar="STREAM=TOPIC", help="The topic of a stream; repeatable.")]
Output = Annotated[
    str | None,
    typer.Option(metavar="DIR|FILE|-", help="Write JSON lines there. Default without Kafka: -, standard output."),
]
Labels = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|TOPIC",
        help="Where the ground truth goes. With Kafka a topic, unless it has a / or ends in .jsonl.",
    ),
]
Start = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="Event time of the beginning. Default: 2024-01-01T00:00:00Z."),
]
Partitions = Annotated[int, typer.Option(help="Partitions of each stream.")]
Closing = Annotated[bool, typer.Option(help="End each partition with a record that closes all windows.")]
Poison = Annotated[float, typer.Option(help="Share of malformed records, added to the good ones.")]
Late = Annotated[float, typer.Option(help="Share of far too late records, added to the good ones.")]
Processes = Annotated[int, typer.Option(help="Processes that share the work, Kafka only.")]
KafkaConfig = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="librdkafka properties, name=value lines; for credentials."),
]
