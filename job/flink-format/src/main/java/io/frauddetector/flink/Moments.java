package io.frauddetector.flink;

import java.time.Instant;
import org.apache.flink.types.Row;

/** The event times of rows that come in order. */
final class Moments {

    static final String TIME = "_time";

    private Moments() {}

    /** When a row was, in milliseconds since 1970. */
    static long of(Row row) {
        return ((Instant) row.getField(TIME)).toEpochMilli();
    }
}
