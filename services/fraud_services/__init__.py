"""Small programs on Kafka topics, and what they keep in other systems."""
