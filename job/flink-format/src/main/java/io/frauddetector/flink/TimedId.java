package io.frauddetector.flink;

import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.data.StringData;

/** An event's id with its time: what {@link FirstId} and {@link LastId} remember of a window. */
public final class TimedId {

    public long time;

    @DataTypeHint(value = "STRING", bridgedTo = StringData.class)
    public StringData id;

    void take(long newTime, StringData newId) {
        time = newTime;
        id = newId;
    }

    /** Whether it comes before an event; of two at one instant the smaller id does. */
    boolean before(long otherTime, StringData otherId) {
        return id != null && (time < otherTime || time == otherTime && id.compareTo(otherId) <= 0);
    }

    /** Whether it comes after an event; of two at one instant the larger id does. */
    boolean after(long otherTime, StringData otherId) {
        return id != null && (time > otherTime || time == otherTime && id.compareTo(otherId) >= 0);
    }
}
