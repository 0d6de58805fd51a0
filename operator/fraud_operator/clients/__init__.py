"""The only modules that talk to anybody: Kubernetes, Helm, Kafka, Flink."""
