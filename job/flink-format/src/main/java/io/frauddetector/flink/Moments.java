package io.frauddetector.flink;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import org.apache.flink.types.Row;

/** The event times of rows that come in order. */
final class Moments {

    static final String TIME = "_time";
    static final String AT = "_at";

    private Moments() {}

    /** When a row was, in milliseconds since 1970. */
    static long of(Row row) {
        return of(row.getField(TIME));
    }

    /** When a hit was: the last event of a match that waited for an earlier start was before its row's time. */
    static long ofHit(Row row) {
        return of(row.getFieldNames(true).contains(AT) ? row.getField(AT) : row.getField(TIME));
    }

    /** A query may give its time without a zone, which is UTC as all times in a job are. */
    private static long of(Object time) {
        Instant instant = time instanceof LocalDateTime local ? local.toInstant(ZoneOffset.UTC) : (Instant) time;
        return instant.toEpochMilli();
    }
}
