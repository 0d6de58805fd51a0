package io.frauddetector.flink;

/** How an event time is written in a record. */
enum EventTimeFormat {
    /** {@code 2024-01-31T23:59:59.123Z}: with an offset, a Z or, in the declared zone, without. */
    ISO8601,
    /** {@code 2024-01-31 23:59:59.123}, in the declared zone. */
    SQL,
    /** Seconds since 1970, whole or with a fraction. */
    EPOCH_SECONDS,
    /** Milliseconds since 1970. */
    EPOCH_MILLIS,
    /** Microseconds since 1970, cut to milliseconds. */
    EPOCH_MICROS,
    /** Nanoseconds since 1970, cut to milliseconds. */
    EPOCH_NANOS
}
