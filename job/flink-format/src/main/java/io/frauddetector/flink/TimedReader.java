package io.frauddetector.flink;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.table.data.RowData;

/** A Kafka reader that stamps each record with the newest event time that its partition had by then. */
final class TimedReader implements SourceReader<RowData, KafkaPartitionSplit> {

    private final SourceReader<RowData, KafkaPartitionSplit> kafka;
    private final int timeField;
    private final Map<String, Newest> newest = new HashMap<>();
    private Output output;

    TimedReader(SourceReader<RowData, KafkaPartitionSplit> kafka, int timeField) {
        this.kafka = kafka;
        this.timeField = timeField;
    }

    @Override
    public void addSplits(List<KafkaPartitionSplit> splits) {
        for (KafkaPartitionSplit split : splits) {
            if (split instanceof TimedSplit timed) {
                of(split.splitId()).time = timed.newest();
            }
        }
        kafka.addSplits(splits);
    }

    @Override
    public List<KafkaPartitionSplit> snapshotState(long checkpoint) {
        return kafka.snapshotState(checkpoint).stream()
                .<KafkaPartitionSplit>map(split -> new TimedSplit(split, of(split.splitId()).time))
                .toList();
    }

    @Override
    public InputStatus pollNext(ReaderOutput<RowData> to) throws Exception {
        // the reader keeps the outputs of its splits, so it must always meet the same
        if (output == null || output.to != to) {
            output = new Output(to);
        }
        return kafka.pollNext(output);
    }

    private Newest of(String split) {
        return newest.computeIfAbsent(split, ignored -> new Newest());
    }

    @Override
    public void start() {
        kafka.start();
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        return kafka.isAvailable();
    }

    @Override
    public void notifyNoMoreSplits() {
        kafka.notifyNoMoreSplits();
    }

    @Override
    public void handleSourceEvents(SourceEvent event) {
        kafka.handleSourceEvents(event);
    }

    @Override
    public void pauseOrResumeSplits(Collection<String> pause, Collection<String> resume) {
        kafka.pauseOrResumeSplits(pause, resume);
    }

    @Override
    public void notifyCheckpointComplete(long checkpoint) throws Exception {
        kafka.notifyCheckpointComplete(checkpoint);
    }

    @Override
    public void notifyCheckpointAborted(long checkpoint) throws Exception {
        kafka.notifyCheckpointAborted(checkpoint);
    }

    @Override
    public void close() throws Exception {
        kafka.close();
    }

    /** The newest event time of a split, milliseconds since 1970. */
    private static final class Newest {
        private long time = Long.MIN_VALUE;
    }

    /** Passes on what is no record. */
    private abstract static class Passing implements SourceOutput<RowData> {

        private final SourceOutput<RowData> to;

        Passing(SourceOutput<RowData> to) {
            this.to = to;
        }

        @Override
        public void emitWatermark(Watermark mark) {
            to.emitWatermark(mark);
        }

        @Override
        public void markIdle() {
            to.markIdle();
        }

        @Override
        public void markActive() {
            to.markActive();
        }
    }

    /** What a reader writes to; each split has an output of its own. */
    private final class Output extends Passing implements ReaderOutput<RowData> {

        private final ReaderOutput<RowData> to;

        Output(ReaderOutput<RowData> to) {
            super(to);
            this.to = to;
        }

        @Override
        public SourceOutput<RowData> createOutputForSplit(String split) {
            return new Stamped(to.createOutputForSplit(split), of(split), timeField);
        }

        @Override
        public void releaseOutputForSplit(String split) {
            to.releaseOutputForSplit(split);
        }

        @Override
        public void collect(RowData row) {
            to.collect(row);
        }

        @Override
        public void collect(RowData row, long timestamp) {
            to.collect(row, timestamp);
        }
    }

    /** The output of one split. A refused record is dated before anything, so it moves nothing. */
    private static final class Stamped extends Passing {

        private final SourceOutput<RowData> to;
        private final Newest newest;
        private final int timeField;

        Stamped(SourceOutput<RowData> to, Newest newest, int timeField) {
            super(to);
            this.to = to;
            this.newest = newest;
            this.timeField = timeField;
        }

        @Override
        public void collect(RowData row) {
            newest.time = Math.max(newest.time, row.getTimestamp(timeField, 3).getMillisecond());
            to.collect(row, newest.time);
        }

        @Override
        public void collect(RowData row, long timestamp) {
            collect(row);
        }
    }
}
