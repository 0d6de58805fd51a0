package io.frauddetector.flink;

import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;

/** A partition of a topic that a reader reads, with the newest event time that was read from it. */
final class TimedSplit extends KafkaPartitionSplit {

    private final long newest;

    TimedSplit(KafkaPartitionSplit split, long newest) {
        super(
                split.getTopicPartition(),
                split.getStartingOffset(),
                split.getStoppingOffset().orElse(KafkaPartitionSplit.NO_STOPPING_OFFSET));
        this.newest = newest;
    }

    /** Milliseconds since 1970, {@link Long#MIN_VALUE} while nothing was read. */
    long newest() {
        return newest;
    }
}
