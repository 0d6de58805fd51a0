"""The operator: FraudDetector resources turned into topics, Helm releases and running Flink jobs."""
