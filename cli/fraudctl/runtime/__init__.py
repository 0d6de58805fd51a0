"""What runs beneath a command: jars, processes, an embedded Kafka and an embedded Flink."""
