package io.frauddetector.flink;

import java.time.ZoneId;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.functions.ScalarFunction;

/** {@code local_start(time, unit, zone)}: when the local day, week or month began that an instant is in, in UTC. */
public class LocalStart extends ScalarFunction {

    private transient LocalTime local;
    private transient LocalTime.Period last;

    @DataTypeHint(value = "TIMESTAMP(3)", bridgedTo = TimestampData.class)
    public TimestampData eval(
            @DataTypeHint(value = "TIMESTAMP_LTZ(3)", bridgedTo = TimestampData.class)
                    TimestampData time,
            String unit,
            @DataTypeHint(value = "STRING", bridgedTo = StringData.class) StringData zone) {
        if (local == null) {
            local = new LocalTime();
        }
        ZoneId found = time == null ? null : local.zone(zone);
        LocalTime.Unit length = LocalTime.Unit.of(unit);
        if (found == null || length == null) {
            return null;
        }
        // a call has one unit and one zone, whatever the event
        if (last == null || !last.holds(time.getMillisecond())) {
            last = LocalTime.Period.of(time.getMillisecond(), length, found);
        }
        return LocalTime.utc(edge(last));
    }

    long edge(LocalTime.Period period) {
        return period.start();
    }
}
