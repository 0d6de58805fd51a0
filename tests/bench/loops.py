"""The split by hand, as people write it in Python: read, parse, compare, write."""

import json
import time
import uuid


def kafka_python(broker: str, topic: str, count: int) -> float:
    """Seconds that a kafka-python loop takes for ``count`` records."""
    from kafka import KafkaConsumer, KafkaProducer

    consumer = KafkaConsumer(
        topic, bootstrap_servers=broker, auto_offset_reset="earliest", group_id=f"bench-{uuid.uuid4()}"
    )
    producer = KafkaProducer(bootstrap_servers=broker, linger_ms=5)
    next(consumer)
    begun = time.perf_counter()
    for done, message in enumerate(consumer, start=1):
        event = json.loads(message.value)
        producer.send("bench.loop.fraud" if event["amount"] > 900 else "bench.loop.legit", message.value)
        if done == count:
            break
    producer.flush()
    taken = time.perf_counter() - begun
    consumer.close()
    producer.close()
    return taken


def confluent(broker: str, topic: str, count: int) -> float:
    """Seconds that a confluent-kafka loop with orjson takes for ``count`` records."""
    import orjson
    from confluent_kafka import Consumer, Producer

    consumer = Consumer(
        {"bootstrap.servers": broker, "group.id": f"bench-{uuid.uuid4()}", "auto.offset.reset": "earliest"}
    )
    consumer.subscribe([topic])
    producer = Producer({"bootstrap.servers": broker, "linger.ms": 5, "queue.buffering.max.messages": 1_000_000})
    while not consumer.consume(1, 1.0):
        pass
    begun = time.perf_counter()
    done = 0
    while done < count:
        for message in consumer.consume(10_000, 1.0):
            value = message.value()
            flagged = orjson.loads(value)["amount"] > 900
            producer.produce("bench.loop.fraud" if flagged else "bench.loop.legit", value)
            done += 1
        producer.poll(0)
    producer.flush()
    taken = (time.perf_counter() - begun) * count / done
    consumer.close()
    return taken
