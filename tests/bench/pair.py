"""One job of two trees side by side: ``pair.py OTHER_TREE [JOB]``, rounds in turn; writes medians and ratios.

The other tree is a checkout with its jar built. Both read one topic of one broker, each with a warm cluster of its own
that waits while the other's job runs. Besides the clock on the wall the processor time of the TaskManager is taken: on
a machine where much else runs it swings less.
"""

import os
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parents[2]
ROOMS = ("api", "job", "cli", "generator", "services", "operator", "tests/bench")
EVENTS = int(os.environ.get("BENCH_EVENTS", "2000000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))


def main(other: Path, job: str) -> None:
    """Measure and tell."""
    import bench

    from fraudctl.runtime.kafka import EmbeddedKafka

    with EmbeddedKafka() as kafka:
        bench._topics(kafka.bootstrap)
        bench._fill(kafka.bootstrap)
        workers = {"other": _worker(other, kafka.bootstrap, job), "this": _worker(HERE, kafka.bootstrap, job)}
        found = [{name: _round(worker) for name, worker in workers.items()} for _ in range(ROUNDS + 1)][1:]
        for worker in workers.values():
            worker.communicate("end\n")
    for place, what in enumerate(("events a second", "microseconds of processor time an event")):
        for name in workers:
            values = [one[name][place] for one in found]
            print(f"{name:<6} {what}: {statistics.median(values):,.3f} ({min(values):,.3f} to {max(values):,.3f})")
        ratios = [one["this"][place] / one["other"][place] for one in found]
        print(f"this / other: {statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})")


def _worker(tree: Path, broker: str, job: str) -> subprocess.Popen[str]:
    path = os.pathsep.join(str(tree / room) for room in ROOMS)
    command = [sys.executable, str(Path(__file__)), "--worker", broker, job]
    return subprocess.Popen(
        command, env=os.environ | {"PYTHONPATH": path}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _round(worker: subprocess.Popen[str]) -> tuple[float, float]:
    assert worker.stdin
    assert worker.stdout
    worker.stdin.write("go\n")
    worker.stdin.flush()
    while True:
        line = worker.stdout.readline()
        if not line:
            raise RuntimeError("a worker has ended")
        if line.startswith("took "):
            rate, cpu = map(float, line.split()[1:])
            print(f"  {rate:,.0f} events a second, {cpu:.3f} us", file=sys.stderr, flush=True)
            return rate, cpu


def work(broker: str, job: str) -> None:
    """Run the job whenever a line comes, in the tree that PYTHONPATH names."""
    import bench
    import jobs

    from fraudctl.runtime.cluster import FlinkCluster

    with FlinkCluster() as flink:
        bench._use(flink)
        for line in sys.stdin:
            if line != "go\n":
                break
            before = _processor_seconds(flink)
            seconds = jobs.run(bench.JOBS[job](broker), bench._settings(broker, flink), flink.rest)
            used = _processor_seconds(flink) - before
            print("took", EVENTS / seconds, 1e6 * used / EVENTS, flush=True)


def _processor_seconds(flink: object) -> float:
    pid = flink._children[-1].process.pid  # type: ignore[attr-defined]
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    if sys.argv[1] == "--worker":
        work(*sys.argv[2:4])
    else:
        main(Path(sys.argv[1]).absolute(), sys.argv[2] if len(sys.argv) > 2 else "split")
