package io.frauddetector.flink;

import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.functions.ScalarFunction;

/**
 * {@code local_weekday(time, zone)}: the day of the week in a zone, 1 on Mondays to 7 on Sundays (ISO 8601); null
 * where there is no such zone.
 */
public final class LocalWeekday extends ScalarFunction {

    private static final int THURSDAY = 3;

    private transient LocalTime local;

    public Integer eval(
            @DataTypeHint(value = "TIMESTAMP_LTZ(3)", bridgedTo = TimestampData.class)
                    TimestampData time,
            @DataTypeHint(value = "STRING", bridgedTo = StringData.class) StringData zone) {
        if (local == null) {
            local = new LocalTime();
        }
        Long seconds = local.seconds(time, zone);
        if (seconds == null) {
            return null;
        }
        // 1970 began on a Thursday
        return (int) Math.floorMod(Math.floorDiv(seconds, 86_400L) + THURSDAY, 7L) + 1;
    }
}
