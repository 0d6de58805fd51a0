package io.frauddetector.flink;

import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.data.binary.BinaryStringData;
import org.apache.flink.table.functions.ScalarFunction;

/**
 * {@code timed_id(event_time, event_id)}: text that sorts by time and then by id, the id behind its
 * first 16 characters.
 *
 * <p>A window's first and last event are then a MIN and a MAX, which Flink keeps as two strings; an
 * aggregate function of our own would be turned from rows into objects and back for every event.
 */
public final class TimedId extends ScalarFunction {

    private static final int DIGITS = 16;
    private static final byte[] HEX = {
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
    };

    @DataTypeHint(value = "STRING", bridgedTo = StringData.class)
    public StringData eval(
            @DataTypeHint(value = "TIMESTAMP_LTZ(3)", bridgedTo = TimestampData.class)
                    TimestampData time,
            @DataTypeHint(value = "STRING", bridgedTo = StringData.class) StringData id) {
        if (time == null || id == null) {
            return null;
        }
        byte[] name = id.toBytes();
        byte[] text = new byte[DIGITS + name.length];
        // times before 1970 sort first once the sign is turned round
        long rest = time.getMillisecond() ^ Long.MIN_VALUE;
        for (int i = DIGITS - 1; i >= 0; i--) {
            text[i] = HEX[(int) rest & 0xF];
            rest >>>= 4;
        }
        System.arraycopy(name, 0, text, DIGITS, name.length);
        return BinaryStringData.fromBytes(text);
    }
}
