"""What the three views show."""

import io
import json
from pathlib import Path

from rich.console import Console

from fraud_api import FraudDetector
from fraudctl.run.state import Facts, IndexCount, RuleCount, State, Summary
from fraudctl.run.unknown import UnknownCount
from fraudctl.views.jsonl import JsonView
from fraudctl.views.live import LiveView
from fraudctl.views.plain import PlainView
from fraudctl.views.text import alert_line, clean, duration

ALERT = {
    "alert_id": "a1", "rule": "large", "severity": "High", "mode": "Shadow", "reason": "amount 950 is above 900",
    "entity": {"type": "customer", "id": "c7"}, "event_time": "2024-01-01T00:00:00.000Z",
}  # fmt: skip
STATE = State(
    "running", 61.0, sent=1_500, read=1_000, lag=500, rate=250.0, alerts=1, by_rule={"large": 1}, newest=[ALERT]
)
SUMMARY = Summary(
    "lab.shop", "input", 12.0, 1_000, 3, 2, 1, [RuleCount("large", "High", "Shadow", 1)], 99.5,
    {"flagged": 7}, [Path("out/alerts.jsonl")],
    unknown=[UnknownCount("rule large", "CAST(fee AS INT)", 3, "n/a")],
    duplicates=4, indices=[IndexCount("lab.shop.alerts", 1_234, 5)], not_indexed="the disk is full",
)  # fmt: skip


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_an_alert_in_one_line():
    assert alert_line(ALERT) == ("High large (shadow) customer c7: amount 950 is above 900 at 2024-01-01T00:00:00.000Z")


def test_an_alert_does_not_steer_the_terminal():
    assert clean("a\x1b[2Jb\nc") == "a\ufffd[2Jb\ufffdc"


def test_durations():
    assert [duration(seconds) for seconds in (0, 61, 3_661)] == ["0:00", "1:01", "1:01:01"]


def test_plain_lines_come_every_few_seconds():
    lines: list[str] = []
    clock = Clock()
    view = PlainView(lines.append, clock)
    for _ in range(3):
        view.refresh(STATE, [])
    clock.now += 5
    view.refresh(STATE, [ALERT])
    assert [line.split()[0] for line in lines] == ["[1:01]", "ALERT", "[1:01]"]
    assert lines[0] == "[1:01] running: 1,000 in (250/s), lag 500, 1 alerts, 0 dead letters, 0 late"


def test_plain_lines_do_not_flood():
    lines: list[str] = []
    clock = Clock()
    view = PlainView(lines.append, clock)
    view.refresh(STATE, [ALERT] * 50)
    clock.now += 5
    view.refresh(STATE, [])
    assert sum(line.startswith("ALERT") for line in lines) == 10
    assert "... and 40 more alerts" in lines


def test_the_summary_says_everything():
    lines: list[str] = []
    PlainView(lines.append).summary(SUMMARY)
    text = "\n".join(lines)
    for part in (
        "all input read after 12.0 s", "993", "duplicates                4",
        "late among them: 2", "large", "flagged", "out/alerts.jsonl",
        "unknown results           3", "rule large: CAST(fee AS INT), 3, first for 'n/a'",
        "index lab.shop.alerts        1,234 documents, 5 refused", "not indexed: the disk is full",
    ):  # fmt: skip
        assert part in text


def test_json_lines_have_every_alert():
    lines: list[str] = []
    view = JsonView(lines.append, Clock())
    view.refresh(STATE, [ALERT] * 30)
    view.note("hm")
    view.error("oh")
    view.summary(SUMMARY)
    events = [json.loads(line) for line in lines]
    assert [event["event"] for event in events] == ["alert"] * 30 + ["status", "note", "error", "summary"]
    assert events[0]["alert_id"] == "a1"
    assert events[30]["lag"] == 500
    assert events[-1]["accepted"] == 993
    assert events[-1]["files"] == ["out/alerts.jsonl"]
    assert events[-1]["indices"] == [{"index": "lab.shop.alerts", "documents": 1_234, "refused": 5}]


def test_json_tells_where_things_are(detector: FraudDetector):
    lines: list[str] = []
    JsonView(lines.append).started(Facts("lab.shop", "k:1", True, detector.spec.rules, {"shop.orders": "input"}))
    assert json.loads(lines[0])["topics"] == {"shop.orders": "input"}


def test_the_live_view_has_it_all(detector: FraudDetector):
    console = Console(file=io.StringIO(), width=100, height=40, force_terminal=True, color_system=None)
    view = LiveView(console, "lab.shop")
    view.started(Facts("lab.shop", "127.0.0.1:9", True, detector.spec.rules, {}, "http://127.0.0.1:8"))
    view.note("the broker [red]is back")
    view.refresh(STATE, [ALERT])
    text = console.file.getvalue()
    view.close()
    for part in (
        "lab.shop",
        "127.0.0.1:9",
        "127.0.0.1:8",
        "running",
        "250/s",
        "500",
        "large",
        "Enforce",
        "amount 950",
        "[red]",
    ):
        assert part in text
