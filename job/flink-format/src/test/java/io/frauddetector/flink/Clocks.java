package io.frauddetector.flink;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.operators.coordination.MockOperatorEventGateway;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;

/** An event clock in a test's hands: one subtask, disorder of 5 seconds, silent after 60. */
final class Clocks implements AutoCloseable {

    static final ClockFields FIELDS = new ClockFields(1, 2, 3, 4);
    static final long BOUND = 5_000;
    static final long IDLE = 60_000;

    final MockOperatorEventGateway told = new MockOperatorEventGateway();
    final OneInputStreamOperatorTestHarness<RowData, RowData> harness;

    private final long idle;
    private final Map<Integer, Long> newest = new HashMap<>();

    private Clocks(int subtasks, int subtask, OperatorSubtaskState state, long idle) throws Exception {
        this.idle = idle;
        harness = new OneInputStreamOperatorTestHarness<>(new Factory(), 8, subtasks, subtask);
        harness.setup();
        if (state == null) {
            harness.initializeEmptyState();
        } else {
            harness.initializeState(
                    OneInputStreamOperatorTestHarness.repartitionOperatorState(
                            state, 8, 1, subtasks, subtask));
        }
        harness.open();
    }

    static Clocks started() throws Exception {
        return started(IDLE);
    }

    static Clocks started(long idle) throws Exception {
        return new Clocks(2, 0, null, idle);
    }

    /** The only subtask of a stream that follows no other. */
    static Clocks alone() throws Exception {
        return new Clocks(1, 0, null, IDLE);
    }

    static Clocks restored(OperatorSubtaskState state, int subtasks, int subtask) throws Exception {
        return new Clocks(subtasks, subtask, state, IDLE);
    }

    /** A row with an id, its time, an error, its partition and room for the verdict. */
    static GenericRowData row(String id, long time, int partition) {
        return GenericRowData.of(
                StringData.fromString(id), TimestampData.fromEpochMillis(time), null, partition, null);
    }

    /** Whether an event is late. */
    boolean late(int partition, long time) throws Exception {
        return verdict(row("x", time, partition));
    }

    /** Passes a row on as the reader of its partition does, stamped with the newest time that it saw there. */
    boolean verdict(GenericRowData row) throws Exception {
        long time = row.isNullAt(FIELDS.error()) ? row.getTimestamp(FIELDS.time(), 3).getMillisecond() : Long.MIN_VALUE;
        long stamp = newest.merge(row.getInt(FIELDS.partition()), time, Math::max);
        harness.processElement(new StreamRecord<>(row, stamp));
        return row.getBoolean(FIELDS.late());
    }

    /** The source's own watermark. */
    void source(long mark) throws Exception {
        harness.processWatermark(mark);
    }

    /** Lets time on the wall go by. */
    void pass(long millis) throws Exception {
        long until = harness.getProcessingTime() + millis;
        for (long now = harness.getProcessingTime(); now < until; now = harness.getProcessingTime()) {
            harness.setProcessingTime(Math.min(until, now + EventClock.LOOK_MILLIS));
        }
    }

    /** What a coordinator tells the others' time to be. */
    void others(long mark) {
        ((EventClock) harness.getOneInputOperator()).handleOperatorEvent(Mark.heard(mark));
    }

    List<Long> watermarks() {
        return harness.getOutput().stream()
                .flatMap(one -> one instanceof Watermark mark ? Stream.of(mark.getTimestamp()) : Stream.empty())
                .toList();
    }

    /** What came out other than rows and watermarks. */
    List<Object> others() {
        return harness.getOutput().stream()
                .filter(one -> !(one instanceof Watermark) && !(one instanceof StreamRecord))
                .toList();
    }

    List<Mark> told() {
        return told.getEventsSent().stream().map(event -> (Mark) event).toList();
    }

    @Override
    public void close() throws Exception {
        harness.close();
    }

    private final class Factory extends AbstractStreamOperatorFactory<RowData>
            implements OneInputStreamOperatorFactory<RowData, RowData> {

        @Override
        @SuppressWarnings("unchecked")
        public <T extends StreamOperator<RowData>> T createStreamOperator(
                StreamOperatorParameters<RowData> parameters) {
            ClockOptions options = new ClockOptions("events", BOUND, idle, List.of(), 0);
            return (T) new EventClock(parameters, FIELDS, options, told);
        }

        @Override
        @SuppressWarnings("rawtypes")
        public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader loader) {
            return EventClock.class;
        }
    }
}
