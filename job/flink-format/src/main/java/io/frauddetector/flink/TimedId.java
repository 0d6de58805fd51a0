package io.frauddetector.flink;

import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.data.binary.BinaryStringData;
import org.apache.flink.table.functions.ScalarFunction;

/**
 * {@code timed_id(event_time, event_id)}: text that sorts by time and then in the order of
 * {@link IdOrder}, the id behind its first 24 characters.
 *
 * <p>A window's first and last event are then a MIN and a MAX, which Flink keeps as two strings; an
 * aggregate function of our own would be turned from rows into objects and back for every event.
 */
public final class TimedId extends ScalarFunction {

    /** Of the time, and of the length of the id. */
    private static final int DIGITS = 16;

    private static final int LENGTH_DIGITS = 8;
    private static final int BEFORE = DIGITS + LENGTH_DIGITS;
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
        byte[] text = new byte[BEFORE + name.length];
        // times before 1970 sort first once the sign is turned round
        hex(text, DIGITS, DIGITS, time.getMillisecond() ^ Long.MIN_VALUE);
        hex(text, BEFORE, LENGTH_DIGITS, characters(name));
        System.arraycopy(name, 0, text, BEFORE, name.length);
        return BinaryStringData.fromBytes(text);
    }

    /** Writes a number's digits before a place. */
    private static void hex(byte[] text, int end, int digits, long number) {
        long rest = number;
        for (int i = end - 1; i >= end - digits; i--) {
            text[i] = HEX[(int) rest & 0xF];
            rest >>>= 4;
        }
    }

    /** How many characters a text in UTF-8 has: as many as bytes that go on with none. */
    private static int characters(byte[] utf8) {
        int found = 0;
        for (byte one : utf8) {
            found += (one & 0xC0) == 0x80 ? 0 : 1;
        }
        return found;
    }
}
