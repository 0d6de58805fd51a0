"""From an event handed to the producer to its alert read by a consumer, at a steady rate."""

import threading
import time
from typing import Any

import orjson
from confluent_kafka import Consumer, Producer

FIRST_ID = 8_000_000_000
FLAGGED_ONE_IN = 20


def measure(broker: str, topic: str, alerts: str, rate: int, warm_up: float, seconds: float) -> list[float]:
    """Milliseconds from sending to alert, one for each alert after the warm-up."""
    sent: dict[str, float] = {}
    seen: list[float] = []
    stop = threading.Event()
    reader = threading.Thread(target=_read, args=(broker, alerts, sent, seen, stop))
    reader.start()
    keep_from = time.perf_counter() + warm_up
    _send(broker, topic, rate, warm_up + seconds, sent)
    time.sleep(2)
    stop.set()
    reader.join()
    return [taken for begun, taken in seen if begun >= keep_from]  # type: ignore[misc]


def _send(broker: str, topic: str, rate: int, seconds: float, sent: dict[str, float]) -> None:
    producer = Producer({"bootstrap.servers": broker, "linger.ms": 1, "acks": "1"})
    begun = time.perf_counter()
    number = 0
    while (now := time.perf_counter()) - begun < seconds:
        while number < (now - begun) * rate:
            number += 1
            flagged = number % FLAGGED_ONE_IN == 0
            name = FIRST_ID + number
            stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + f".{int(time.time() * 1000) % 1000:03d}Z"
            value = (
                f'{{"transaction_id":{name},"account_id":{number % 1000},"amount":{950 if flagged else 12.5},'
                f'"merchant_id":7,"timestamp":"{stamp}"}}'
            )
            if flagged:
                sent[str(name)] = time.perf_counter()
            producer.produce(topic, value, partition=number % 2)
        producer.poll(0)
        time.sleep(0.001)
    producer.flush()


def _read(broker: str, alerts: str, sent: dict[str, float], seen: list[Any], stop: threading.Event) -> None:
    consumer = Consumer(
        {
            "bootstrap.servers": broker,
            "group.id": "bench-latency",
            "auto.offset.reset": "latest",
            "fetch.wait.max.ms": 10,
        }
    )
    consumer.subscribe([alerts])
    while not stop.is_set():
        for message in consumer.consume(500, 0.01):
            now = time.perf_counter()
            name = orjson.loads(message.value())["evidence"]["ids"][0]
            if name in sent:
                begun = sent.pop(name)
                seen.append((begun, (now - begun) * 1000))
    consumer.close()
