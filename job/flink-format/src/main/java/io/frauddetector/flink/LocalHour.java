package io.frauddetector.flink;

import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.functions.ScalarFunction;

/** {@code local_hour(time, zone)}: the hour on the clocks of a zone, 0 to 23; null where there is no such zone. */
public final class LocalHour extends ScalarFunction {

    private transient LocalTime local;

    public Integer eval(
            @DataTypeHint(value = "TIMESTAMP_LTZ(3)", bridgedTo = TimestampData.class)
                    TimestampData time,
            @DataTypeHint(value = "STRING", bridgedTo = StringData.class) StringData zone) {
        if (local == null) {
            local = new LocalTime();
        }
        Long seconds = local.seconds(time, zone);
        return seconds == null ? null : (int) (Math.floorMod(seconds, 86_400L) / 3600);
    }
}
