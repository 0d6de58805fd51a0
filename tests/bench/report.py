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
    "plain_split": "the two outputs alone, in plain Flink SQL with its own formats",
    "window": "a windowed sum over 100,000 keys, as a rule",
    "sequence": "a two-step sequence, as a rule",
    "kafka_python": "the split by a kafka-python loop, one process",
    "confluent": "the split by confluent-kafka with orjson, one process",
}
RATIOS = {
    "split_vs_parse": ("split", "parse", "0.70, stretch 0.85"),
    "split_vs_plain_split": ("split", "plain_split", ""),
    "split_vs_kafka_python": ("split", "kafka_python", "10"),
    "split_vs_confluent": ("split", "confluent", "2"),
    "window_vs_parse": ("window", "parse", "0.40, stretch 0.50"),
    "sequence_vs_parse": ("sequence", "parse", "0.25, stretch 0.40"),
}
Rates = Mapping[str, list[float]]
BY_HAND = "<!-- below: by hand -->\n"


def progress(rates: Mapping[str, float]) -> None:
    """One line a round on standard error."""
    sys.stderr.write("round: " + ", ".join(f"{name} {rate:,.0f}/s" for name, rate in rates.items()) + "\n")


def write(docs: Path, events: int, generator: list[float], rates: Rates, latencies: list[tuple[float, float]]) -> None:
    """Write benchmarks.json and benchmarks.md; the prose of the page below its table is kept."""
    figures = _figures(generator, rates, latencies)
    told = {name: _figure(found) for name, found in rates.items()}
    document = {"machine": machine(), "events": events, **figures, "events_per_s": told}
    (docs / "benchmarks.json").write_text(json.dumps(document, indent=2) + "\n")
    page = docs / "benchmarks.md"
    kept = page.read_text().partition(BY_HAND)[2] if page.exists() else ""
    page.write_text(_page(document, rates) + BY_HAND + kept)


def _figures(generator: list[float], rates: Rates, latencies: list[tuple[float, float]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, (of, to, _) in RATIOS.items():
        found[name] = _figure([a / b for a, b in zip(rates[of], rates[to], strict=True)])
    found["dead_letters_cost"] = _figure(
        [1 - a / b for a, b in zip(rates["dead_letters"], rates["parse"], strict=True)]
    )
    found["latency_p50_ms"] = _figure([p50 for p50, _ in latencies])
    found["latency_p99_ms"] = _figure([p99 for _, p99 in latencies])
    found["generator_events_per_s"] = _figure(generator)
    return found


def _figure(runs: list[float]) -> dict[str, Any]:
    return {"median": round(statistics.median(runs), 3), "runs": [round(run, 3) for run in runs]}


def machine() -> dict[str, Any]:
    """What was measured on."""
    model = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line), ":")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cpu": model.partition(":")[2].strip(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory, 1),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def _page(document: dict[str, Any], rates: Rates) -> str:
    machine = document["machine"]
    lines = [
        "# Benchmarks",
        "",
        "`make bench` measures all of this in one run, side by side, and writes this page and `benchmarks.json`.",
        f"Machine: {machine['cores']} cores ({machine['cpu']}), {machine['memory_gib']} GiB, shared by broker, Flink",
        f"and loops. One topic of {document['events']:,} transactions in two partitions; medians of",
        f"{len(rates['parse'])} rounds on one cluster, after a round that is not counted.",
        "",
        "| what | events/s | least | most |",
        "|---|---:|---:|---:|",
    ]
    for name, what in WHAT.items():
        found = rates[name]
        lines.append(f"| {what} | {statistics.median(found):,.0f} | {min(found):,.0f} | {max(found):,.0f} |")
    lines += ["", "| figure | aim | median | least | most |", "|---|---|---:|---:|---:|"]
    aims = {name: aim for name, (_, _, aim) in RATIOS.items()} | {
        "dead_letters_cost": "at most 0.15",
        "latency_p50_ms": "",
        "latency_p99_ms": "under 200",
        "generator_events_per_s": "200,000, one core",
    }
    for name, aim in aims.items():
        runs = document[name]["runs"]
        lines.append(f"| `{name}` | {aim} | {document[name]['median']:,} | {min(runs):,} | {max(runs):,} |")
    return "\n".join([*lines, "", ""])
