package io.frauddetector.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplitSerializer;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.TopicPartition;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.TimestampData;
import org.junit.jupiter.api.Test;

class TimedReaderTest {

    private static final long NOON = 43_200_000;
    private static final KafkaPartitionSplit ZERO = new KafkaPartitionSplit(new TopicPartition("pay", 0), 0);
    private static final KafkaPartitionSplit ONE = new KafkaPartitionSplit(new TopicPartition("pay", 1), 0);

    private final Written written = new Written();

    @Test
    void recordsAreStampedWithTheNewestOfTheirPartition() throws Exception {
        TimedReader reader = reader(List.of(ZERO, ONE));
        read(reader, "pay-0", NOON);
        read(reader, "pay-0", 7);
        read(reader, "pay-1", 8);
        read(reader, "pay-0", NOON + 1);
        assertEquals(List.of(NOON, NOON, 8L, NOON + 1), written.stamps);
    }

    @Test
    void aRefusedRecordIsDatedBeforeAnythingAndMovesNothing() throws Exception {
        TimedReader reader = reader(List.of(ZERO));
        read(reader, "pay-0", EventDeserializationSchema.NEVER.getMillisecond());
        read(reader, "pay-0", 7);
        read(reader, "pay-0", EventDeserializationSchema.NEVER.getMillisecond());
        assertEquals(7L, written.stamps.get(1));
        assertEquals(7L, written.stamps.get(2));
    }

    @Test
    void theNewestGoesWithThePartitionWhoeverReadsIt() throws Exception {
        TimedReader first = reader(List.of(ZERO, ONE));
        read(first, "pay-0", NOON);
        read(first, "pay-1", NOON - 60_000);
        List<KafkaPartitionSplit> kept = written(first.snapshotState(1));

        TimedReader second = reader(List.of(kept.get(1)));
        read(second, "pay-1", 9);
        assertEquals(NOON - 60_000, written.last());
        TimedReader third = reader(written(reader(List.of(kept.get(0))).snapshotState(2)));
        read(third, "pay-0", 9);
        assertEquals(NOON, written.last(), "also if nothing was read in between");
    }

    @Test
    void whatTheConnectorItselfKeptIsReadAndSaysNothingOfTime() throws Exception {
        KafkaPartitionSplitSerializer kafka = new KafkaPartitionSplitSerializer();
        KafkaPartitionSplit split = new KafkaPartitionSplit(new TopicPartition("pay", 3), 42, 99);
        TimedSplitSerializer ours = new TimedSplitSerializer(kafka);
        assertEquals(split, ours.deserialize(kafka.getVersion(), kafka.serialize(split)));
        KafkaPartitionSplit again = ours.deserialize(ours.getVersion(), ours.serialize(new TimedSplit(split, 5)));
        assertEquals(split, again);
        assertEquals(5, ((TimedSplit) again).newest());
    }

    private static TimedReader reader(List<KafkaPartitionSplit> splits) {
        TimedReader reader = new TimedReader(new KafkaReader(), 0);
        reader.addSplits(splits);
        return reader;
    }

    private void read(TimedReader reader, String split, long time) throws Exception {
        KafkaReader.next = Map.entry(split, GenericRowData.of(TimestampData.fromEpochMillis(time)));
        reader.pollNext(written);
    }

    /** Splits as they come back from a checkpoint. */
    private static List<KafkaPartitionSplit> written(List<KafkaPartitionSplit> splits) throws IOException {
        TimedSplitSerializer serializer = new TimedSplitSerializer(new KafkaPartitionSplitSerializer());
        List<KafkaPartitionSplit> back = new ArrayList<>();
        for (KafkaPartitionSplit split : splits) {
            back.add(serializer.deserialize(serializer.getVersion(), serializer.serialize(split)));
        }
        return back;
    }

    /** Hands on the record that comes next, through an output of its split that it keeps. */
    private static final class KafkaReader implements SourceReader<RowData, KafkaPartitionSplit> {

        private static Map.Entry<String, RowData> next;

        private final List<KafkaPartitionSplit> splits = new ArrayList<>();
        private final Map<String, SourceOutput<RowData>> outputs = new HashMap<>();

        @Override
        public InputStatus pollNext(ReaderOutput<RowData> output) {
            outputs.computeIfAbsent(next.getKey(), output::createOutputForSplit).collect(next.getValue(), 1L);
            return InputStatus.MORE_AVAILABLE;
        }

        @Override
        public void addSplits(List<KafkaPartitionSplit> added) {
            splits.addAll(added);
        }

        @Override
        public List<KafkaPartitionSplit> snapshotState(long checkpoint) {
            return splits.stream()
                    .map(split -> new KafkaPartitionSplit(split.getTopicPartition(), split.getStartingOffset()))
                    .toList();
        }

        @Override
        public void start() {}

        @Override
        public CompletableFuture<Void> isAvailable() {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void notifyNoMoreSplits() {}

        @Override
        public void close() {}
    }

    /** Keeps the timestamps of what was written. */
    private static final class Written implements ReaderOutput<RowData> {

        private final List<Long> stamps = new ArrayList<>();

        long last() {
            return stamps.get(stamps.size() - 1);
        }

        @Override
        public void collect(RowData row, long timestamp) {
            stamps.add(timestamp);
        }

        @Override
        public SourceOutput<RowData> createOutputForSplit(String split) {
            return this;
        }

        @Override
        public void collect(RowData row) {
            throw new AssertionError("no timestamp");
        }

        @Override
        public void releaseOutputForSplit(String split) {}

        @Override
        public void emitWatermark(Watermark mark) {}

        @Override
        public void markIdle() {}

        @Override
        public void markActive() {}
    }
}
