package io.frauddetector.flink;

import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.table.data.RowData;
import org.apache.flink.util.Collector;

/**
 * Lets the first of several events with one id pass, within a time, and counts the others.
 *
 * <p>Which pass is a matter of the events alone: two are one if their ids are equal and their event
 * times no further apart than the time given, and neither is behind its partition by more than that. So
 * what is remembered of an id can be forgotten once the watermark is past it by twice that time. An
 * event that is in time passes even if a late copy came first, or rules would miss it.
 */
final class Deduplication extends KeyedProcessFunction<String, RowData, RowData> implements CheckpointedFunction {

    private static final long serialVersionUID = 1L;

    static final String COUNTED = "duplicates";

    private final ClockFields fields;
    private final long within;

    /** Event time of the first, and whether it was late. */
    private transient ValueState<Tuple2<Long, Boolean>> first;

    private transient ListState<Long> countState;
    private transient long count;
    private transient LongCounter told;

    Deduplication(ClockFields fields, long withinMillis) {
        this.fields = fields;
        this.within = withinMillis;
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        countState = context.getOperatorStateStore().getListState(new ListStateDescriptor<>(COUNTED, Types.LONG));
        for (Long one : countState.get()) {
            count += one;
        }
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        countState.clear();
        countState.add(count);
    }

    @Override
    public void open(OpenContext context) {
        first =
                getRuntimeContext()
                        .getState(new ValueStateDescriptor<>("first", Types.TUPLE(Types.LONG, Types.BOOLEAN)));
        told = getRuntimeContext().getLongCounter(COUNTED);
        told.add(count);
        getRuntimeContext().getMetricGroup().gauge(COUNTED, (Gauge<Long>) () -> count);
    }

    @Override
    public void processElement(RowData row, Context context, Collector<RowData> out) throws Exception {
        long time = row.getTimestamp(fields.time(), 3).getMillisecond();
        if (EventIdKey.isNobody(context.getCurrentKey()) || context.timestamp() - time > within) {
            out.collect(row);
        } else if (isNew(time, row.getBoolean(fields.late()), context)) {
            out.collect(row);
        } else {
            count++;
            told.add(1L);
        }
    }

    private boolean isNew(long time, boolean late, Context context) throws Exception {
        Tuple2<Long, Boolean> seen = first.value();
        boolean copy = seen != null && Math.abs(time - seen.f0) <= within;
        if (copy && (late || !seen.f1)) {
            return false;
        }
        if (copy || seen == null || time > seen.f0) {
            first.update(Tuple2.of(time, late));
            long known = Math.max(time, context.timerService().currentWatermark());
            context.timerService().registerEventTimeTimer(known + 2 * within);
        }
        return true;
    }

    @Override
    public void onTimer(long at, OnTimerContext context, Collector<RowData> out) throws Exception {
        Tuple2<Long, Boolean> seen = first.value();
        if (seen != null && seen.f0 + 2 * within <= at) {
            first.clear();
        }
    }
}
