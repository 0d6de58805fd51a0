"""What the benchmarks found, as JSON for programs and as a page for people."""

import json
import os
import platform
import statistics
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

WHAT = {
    "raw": "raw bytes to nowhere",
    "parse": "**plain Flink SQL, strict JSON to nowhere: the limit**",
    "dead_letters": "our format to nowhere, dead letters and late events on",
    "split": "`transactions.yaml`: two outputs, alerts, dead letters, late events",
    "window": "a windowed sum for every account, as a rule",
    "sequence": "a two-step sequence, as a rule",
    "kafka_python": "the split by a kafka-python loop, one process",
    "confluent": "the split by confluent-kafka with orjson, one process",
}
RATIOS = {
    "split_vs_parse": ("split", "parse", "0.70, stretch 0.85"),
    "split_vs_kafka_python": ("split", "kafka_python", "10"),
    "split_vs_confluent": ("split", "confluent", "2"),
    "window_vs_parse": ("window", "parse", "0.40, stretch 0.50"),
    "sequence_vs_parse": ("sequence", "parse", "0.25, stretch 0.40"),
}
Rates = Mapping[str, list[float]]


def progress(number: int, fresh: Rates, warm: Rates) -> None:
    """One line a round on standard error."""
    told = {name: f"{int(fresh[name][-1]):,}/{int(warm[name][-1]):,}" for name in fresh}
    sys.stderr.write(f"round {number + 1}: {told}\n")


def write(
    docs: Path, events: int, generator: list[float], fresh: Rates, warm: Rates, latencies: list[tuple[float, float]]
) -> None:
    """Write benchmarks.json and benchmarks.md; the prose of the page below its table is kept."""
    figures = _figures(generator, fresh, warm, latencies)
    document = {"machine": _machine(), "events": events, **figures, "rates": {"fresh": fresh, "warm": warm}}
    (docs / "benchmarks.json").write_text(json.dumps(document, indent=2) + "\n")
    page = docs / "benchmarks.md"
    kept = page.read_text().partition("<!-- below: by hand -->\n")[2] if page.exists() else ""
    page.write_text(_page(document, fresh, warm) + "<!-- below: by hand -->\n" + kept)


def _figures(generator: list[float], fresh: Rates, warm: Rates, latencies: list[tuple[float, float]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, (of, to, _) in RATIOS.items():
        found[name] = _figure([a / b for a, b in zip(fresh[of], fresh[to], strict=True)])
        found[f"{name}_warm"] = _figure([a / b for a, b in zip(warm[of], warm[to], strict=True)])
    for suffix, rates in (("", fresh), ("_warm", warm)):
        cost = [1 - a / b for a, b in zip(rates["dead_letters"], rates["parse"], strict=True)]
        found[f"dead_letters_cost{suffix}"] = _figure(cost)
    found["latency_p50_ms"] = _figure([p50 for p50, _ in latencies])
    found["latency_p99_ms"] = _figure([p99 for _, p99 in latencies])
    found["generator_events_per_s"] = _figure(generator)
    return found


def _figure(runs: list[float]) -> dict[str, Any]:
    return {"median": round(statistics.median(runs), 3), "runs": [round(run, 3) for run in runs]}


def _machine() -> dict[str, Any]:
    model = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line), ":")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cpu": model.partition(":")[2].strip(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory, 1),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def _page(document: dict[str, Any], fresh: Rates, warm: Rates) -> str:
    machine = document["machine"]
    lines = [
        "# Benchmarks",
        "",
        "`make bench` measures all of this in one run, side by side, and writes this page and `benchmarks.json`.",
        f"Machine: {machine['cores']} cores ({machine['cpu']}), {machine['memory_gib']} GiB, shared by broker, Flink",
        "and loops.",
        f"One topic of {document['events']:,} transactions in two partitions; medians of {len(fresh['parse'])} rounds.",
        "*Fresh* is a job on a cluster just started, as `fraudctl run` has it, Java's compiler included; *warm* is",
        "the same job once more on that cluster.",
        "",
        "| what | events/s fresh | events/s warm |",
        "|---|---:|---:|",
    ]
    for name, what in WHAT.items():
        lines.append(f"| {what} | {statistics.median(fresh[name]):,.0f} | {statistics.median(warm[name]):,.0f} |")
    lines += ["", "| figure | aim | fresh | warm |", "|---|---|---:|---:|"]
    for name, (_, _, aim) in RATIOS.items():
        lines.append(f"| `{name}` | {aim} | {document[name]['median']} | {document[f'{name}_warm']['median']} |")
    cost = "dead_letters_cost"
    lines.append(f"| `{cost}` | at most 0.15 | {document[cost]['median']} | {document[f'{cost}_warm']['median']} |")
    for name, aim in (("latency_p50_ms", ""), ("latency_p99_ms", "under 200"), ("generator_events_per_s", "200,000")):
        lines.append(f"| `{name}` | {aim} | | {document[name]['median']:,} |")
    return "\n".join([*lines, "", ""])
