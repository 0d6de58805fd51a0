package io.frauddetector.flink;

import java.util.Locale;

/** The units that times since 1970 are counted in, and which of them a number is likely to be in. */
enum EpochUnit {
    SECONDS(1, "EpochSeconds"),
    MILLISECONDS(1e3, "EpochMillis"),
    MICROSECONDS(1e6, "EpochMicros"),
    NANOSECONDS(1e9, "EpochNanos");

    // events are of our days: 2000 to 2100
    private static final double EARLIEST = 946_684_800;
    private static final double LATEST = 4_102_444_800.0;

    private final double inSecond;
    private final String format;

    EpochUnit(double inSecond, String format) {
        this.inSecond = inSecond;
        this.format = format;
    }

    /** What to say of a number whose declared unit makes no sense; null where none does. */
    static String likely(double value) {
        for (EpochUnit unit : values()) {
            double seconds = value / unit.inSecond;
            if (seconds >= EARLIEST && seconds < LATEST) {
                return " looks like " + unit.name().toLowerCase(Locale.ROOT) + ": declare " + unit.format;
            }
        }
        return null;
    }
}
