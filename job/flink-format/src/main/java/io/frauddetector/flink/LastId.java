package io.frauddetector.flink;

import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.annotation.FunctionHint;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.functions.AggregateFunction;

/** {@code last_id(event_time, event_id)}: the id of a window's last event by event time. */
@FunctionHint(output = @DataTypeHint(value = "STRING", bridgedTo = StringData.class))
public final class LastId extends AggregateFunction<StringData, TimedId> {

    @Override
    public TimedId createAccumulator() {
        return new TimedId();
    }

    public void accumulate(
            TimedId kept,
            @DataTypeHint(value = "TIMESTAMP_LTZ(3)", bridgedTo = TimestampData.class)
                    TimestampData time,
            @DataTypeHint(value = "STRING", bridgedTo = StringData.class) StringData id) {
        if (time != null && id != null && !kept.after(time.getMillisecond(), id)) {
            kept.take(time.getMillisecond(), id);
        }
    }

    public void merge(TimedId kept, Iterable<TimedId> others) {
        for (TimedId other : others) {
            if (other.id != null && !kept.after(other.time, other.id)) {
                kept.take(other.time, other.id);
            }
        }
    }

    @Override
    public StringData getValue(TimedId kept) {
        return kept.id;
    }
}
