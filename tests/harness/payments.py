"""Payments of which some come too late, and which of them and what windows must come of it."""

import random
from collections import Counter

from harness.events import alerts, event
from harness.flink import Job
from harness.kafka import Record
from harness.lab import Lab, Results

Payment = tuple[str, str, int, int]
"""Id, card, amount, milliseconds."""
START = 1_709_280_000_000


def made(seed: int, count: int = 600) -> list[Payment]:
    """Payments in the order that they are sent: most about in time, one in ten up to a minute old."""
    chance = random.Random(seed)
    found = []
    for number in range(count):
        delay = chance.choice([0, 0, 0, 1_000, 4_999, 5_000]) if chance.random() > 0.1 else chance.randrange(60_000)
        found.append((f"p{number}", f"c{chance.randrange(8)}", chance.randrange(1, 100), START + number * 500 - delay))
    return found


def partition(payment: Payment, partitions: int) -> int:
    return int(payment[1][1:]) % partitions


def late_of(payments: list[Payment], partitions: int) -> set[str]:
    """Ids of those more than five seconds older than the newest before them in their partition."""
    newest: dict[int, int] = {}
    found = set()
    for payment in payments:
        place = partition(payment, partitions)
        if payment[3] < newest.get(place, payment[3]) - 5_000:
            found.add(payment[0])
        newest[place] = max(newest.get(place, payment[3]), payment[3])
    return found


def windows_of(payments: list[Payment]) -> Counter[tuple[str, str]]:
    """What the rule ``minute`` says of payments in time, by card."""
    totals: dict[tuple[str, int], list[int]] = {}
    for _, card, amount, when in payments:
        totals.setdefault((card, when // 60_000), []).append(amount)
    return Counter((card, f"{len(amounts)} of {sum(amounts)}") for (card, _), amounts in totals.items())


def records(payments: list[Payment], partitions: int, **more: str) -> list[Record]:
    return [
        event("payments", None, partition(one, partitions), id=one[0], card=one[1], amount=one[2], at=one[3], **more)
        for one in payments
    ]


def said(results: Results, rule: str) -> Counter[tuple[str, str]]:
    return Counter((alert["entity"]["id"], alert["reason"]) for alert in alerts(results, rule))


def late_ids(results: Results) -> list[str]:
    return sorted({message.json()["id"] for message in results.late})


def ended(lab: Lab, job: Job) -> Results:
    job.wait_seen()
    job.stop(drain=True)
    lab.flink.end(job)
    return lab.results(job.detector)
