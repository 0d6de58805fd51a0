package io.frauddetector.flink;

import java.util.Arrays;
import java.util.Collections;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.api.common.operators.ProcessingTimeService.ProcessingTimeCallback;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.io.network.api.writer.ResultPartitionWriter;
import org.apache.flink.runtime.io.network.partition.ResultPartition;
import org.apache.flink.runtime.operators.coordination.OperatorEvent;
import org.apache.flink.runtime.operators.coordination.OperatorEventGateway;
import org.apache.flink.runtime.operators.coordination.OperatorEventHandler;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.operators.util.PausableRelativeClock;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;

/**
 * Stands right behind a stream's source and says of each event whether it is late; the stream's time
 * comes from here.
 *
 * <p>An event is late if it is older than what its partition had before it by more than the bound,
 * whenever either was read: {@link TimedReader} stamps it with the newest time of its partition.
 * Watermarks stay behind every event that is in time, so whatever an operator further down would drop
 * has been marked here. The one exception lets time go on without a partition that is silent: when it
 * speaks again, what is behind the watermark by then is late, too.
 *
 * <p>This stream is never called idle: what is idle is left out of watermarks further down, and an
 * event that then comes after all would be dropped there without a word. A subtask that hears nothing
 * goes on with the others instead: its coordinator tells how far they are.
 */
final class EventClock extends AbstractStreamOperator<RowData>
        implements OneInputStreamOperator<RowData, RowData>, OperatorEventHandler, ProcessingTimeCallback {

    private static final long serialVersionUID = 1L;

    static final long LOOK_MILLIS = 200;
    private static final long LONGEST_LOOK_MILLIS = 1_000;

    /**
     * Not a union state: Flink refuses a savepoint in which of two subtasks with such a state only one
     * is at its end, and a stop finds them so while one waits for slower operators (FLINK-21080).
     */
    private static final ListStateDescriptor<Long> WATERMARK = new ListStateDescriptor<>("watermarks", Types.LONG);

    private final ClockFields fields;
    private final ClockOptions options;
    private final transient OperatorEventGateway coordinator;

    private transient Partitions partitions;
    private transient PausableRelativeClock wall;
    private transient ListState<Long> watermarkState;

    private transient long watermark;
    private transient boolean restored;
    private transient boolean ended;

    /** The source's own watermark, which every partition that is assigned holds back. */
    private transient long sourceWatermark;

    private transient long sourceMovedAt;

    /** Time on the wall as far as it was looked at. */
    private transient long now;

    private transient long lookedAt;
    private transient Mark told;

    private transient boolean alone;

    EventClock(
            StreamOperatorParameters<RowData> parameters,
            ClockFields fields,
            ClockOptions options,
            OperatorEventGateway coordinator) {
        super(parameters);
        this.fields = fields;
        this.options = options;
        this.coordinator = coordinator;
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        partitions = new Partitions(options.outOfOrdernessMillis());
        watermark = Long.MIN_VALUE;
        sourceWatermark = Long.MIN_VALUE;
        told = Mark.UNTOLD;
        watermarkState = context.getOperatorStateStore().getListState(WATERMARK);
        long least = Partitions.NONE;
        for (Long one : watermarkState.get()) {
            least = Math.min(least, one);
        }
        if (least != Partitions.NONE) {
            watermark = least;
        }
        restored = watermark != Long.MIN_VALUE;
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        // what is not behind the least of these is in time for whoever reads from here: so many that each
        // subtask gets one after a restart, however many there are then
        TaskInfo task = getRuntimeContext().getTaskInfo();
        int most = task.getMaxNumberOfParallelSubtasks();
        watermarkState.update(Collections.nCopies(1 + most / task.getNumberOfParallelSubtasks(), watermark));
    }

    @Override
    public void open() throws Exception {
        super.open();
        // waiting for slower operators is not silence
        wall = new PausableRelativeClock(getProcessingTimeService().getClock());
        metrics.getTaskIOMetricGroup().registerBackPressureListener(wall);
        lookedAt = wall.relativeTimeMillis();
        alone = options.follows().isEmpty() && getRuntimeContext().getTaskInfo().getNumberOfParallelSubtasks() == 1;
        lookAgain();
    }

    @Override
    public void processElement(StreamRecord<RowData> element) {
        GenericRowData row = (GenericRowData) element.getValue();
        boolean late = false;
        if (row.isNullAt(fields.error())) {
            int partition = row.getInt(fields.partition());
            long time = row.getTimestamp(fields.time(), 3).getMillisecond();
            late = partitions.take(partition, element.getTimestamp(), time) | time <= watermark;
        }
        row.setField(fields.late(), late);
        output.collect(element);
    }

    @Override
    public void processWatermark(Watermark mark) {
        if (mark.getTimestamp() == Watermark.MAX_WATERMARK.getTimestamp()) {
            ended = true;
            tell(Mark.ENDED);
            output.emitWatermark(mark);
            return;
        }
        sourceWatermark = mark.getTimestamp();
        sourceMovedAt = now;
        advance(sourceWatermark);
    }

    /**
     * Gives whoever reads from here time with the last watermark before the input ends.
     *
     * <p>Flink's process table operators take a watermark in pieces while their task has other work, and
     * Flink 2.3 ends them, and the sinks behind them, without waiting for the rest: an alert that comes
     * then meets a closed sink, and the job fails.
     */
    @Override
    public void finish() throws Exception {
        super.finish();
        if (ended && options.settleMillis() > 0) {
            ResultPartitionWriter[] readers = getContainingTask().getEnvironment().getAllWriters();
            while (Arrays.stream(readers).anyMatch(EventClock::isBehind)) {
                Thread.sleep(LOOK_MILLIS);
            }
            Thread.sleep(options.settleMillis());
        }
    }

    /** Whether buffers wait for a reader; one for each of its subtasks is always open for writing. */
    private static boolean isBehind(ResultPartitionWriter reader) {
        return reader instanceof ResultPartition partition
                && partition.getNumberOfQueuedBuffers() > partition.getNumberOfSubpartitions();
    }

    @Override
    public void processWatermarkStatus(WatermarkStatus status) {
        // never idle, see above
    }

    @Override
    public void onProcessingTime(long ignored) {
        if (ended) {
            return;
        }
        if (restored) {
            restored = false;
            output.emitWatermark(new Watermark(watermark));
        }
        look();
        boolean stalled = now - sourceMovedAt >= options.idleMillis();
        long mine = stalled ? partitions.watermark(now - options.idleMillis()) : sourceWatermark;
        if (mine == Partitions.NONE) {
            long last = partitions.lastWatermark();
            if (last == Partitions.NONE) {
                tell(Mark.unheard(watermark));
            } else {
                advance(last);
                tell(Mark.silent(watermark));
            }
        } else {
            advance(mine);
            Mark mark = Mark.heard(watermark);
            if (!mark.equals(told)) {
                tell(mark);
            }
        }
        lookAgain();
    }

    @Override
    public void handleOperatorEvent(OperatorEvent event) {
        if (!ended && told.follows() && !partitions.heard()) {
            advance(((Mark) event).time());
        }
    }

    private void advance(long mark) {
        if (mark > watermark) {
            watermark = mark;
            restored = false;
            output.emitWatermark(new Watermark(mark));
        }
    }

    private void look() {
        long at = wall.relativeTimeMillis();
        // a process that stood still knows nothing of silence
        now += Math.min(at - lookedAt, LONGEST_LOOK_MILLIS);
        lookedAt = at;
        partitions.look(now);
    }

    private void tell(Mark mark) {
        told = mark;
        if (!alone) {
            coordinator.sendEventToCoordinator(mark);
        }
    }

    private void lookAgain() {
        getProcessingTimeService()
                .registerTimer(getProcessingTimeService().getCurrentProcessingTime() + LOOK_MILLIS, this);
    }
}
