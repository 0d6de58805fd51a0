package io.frauddetector.flink;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * Writes a split as the Kafka connector does, followed by its newest event time (8 bytes).
 *
 * <p>Its versions are the connector's plus {@link #OURS}. It also reads the connector's own, which
 * savepoints from before hold: of those partitions nothing is known.
 */
final class TimedSplitSerializer implements SimpleVersionedSerializer<KafkaPartitionSplit> {

    static final int OURS = 1_000;

    private final SimpleVersionedSerializer<KafkaPartitionSplit> kafka;

    TimedSplitSerializer(SimpleVersionedSerializer<KafkaPartitionSplit> kafka) {
        this.kafka = kafka;
    }

    @Override
    public int getVersion() {
        return OURS + kafka.getVersion();
    }

    @Override
    public byte[] serialize(KafkaPartitionSplit split) throws IOException {
        long newest = split instanceof TimedSplit timed ? timed.newest() : Long.MIN_VALUE;
        byte[] plain = kafka.serialize(split);
        return ByteBuffer.allocate(plain.length + Long.BYTES).put(plain).putLong(newest).array();
    }

    @Override
    public KafkaPartitionSplit deserialize(int version, byte[] bytes) throws IOException {
        if (version < OURS) {
            return kafka.deserialize(version, bytes);
        }
        int end = bytes.length - Long.BYTES;
        KafkaPartitionSplit split = kafka.deserialize(version - OURS, Arrays.copyOf(bytes, end));
        return new TimedSplit(split, ByteBuffer.wrap(bytes).getLong(end));
    }
}
