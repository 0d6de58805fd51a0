package io.frauddetector.flink;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.TemporalAdjusters;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;

/** What clocks and calendars on the wall of a zone show at an instant. */
final class LocalTime {

    private StringData name;
    private ZoneId zone;

    /** The zone of that name, looked up once; null where there is none. */
    ZoneId zone(StringData written) {
        if (written == null || !written.equals(name)) {
            zone = null;
            // a copy: the memory behind a column's text is used again
            name = written == null ? null : StringData.fromString(written.toString());
            try {
                zone = written == null ? null : ZoneId.of(written.toString());
            } catch (DateTimeException unknown) {
                return null;
            }
        }
        return zone;
    }

    /** Seconds since 1970 as if the wall's time were UTC; null where there is no time or no such zone. */
    Long seconds(TimestampData time, StringData written) {
        ZoneId found = time == null ? null : zone(written);
        if (found == null) {
            return null;
        }
        Instant instant = Instant.ofEpochMilli(time.getMillisecond());
        return instant.getEpochSecond() + found.getRules().getOffset(instant).getTotalSeconds();
    }

    /** What a window of the calendar lasts. */
    enum Unit {
        DAY,
        WEEK,
        MONTH;

        static Unit of(String name) {
            for (Unit unit : values()) {
                if (unit.name().equalsIgnoreCase(name)) {
                    return unit;
                }
            }
            return null;
        }

        LocalDate first(LocalDate day) {
            return switch (this) {
                case DAY -> day;
                case WEEK -> day.minusDays(day.getDayOfWeek().getValue() - 1L);
                case MONTH -> day.with(TemporalAdjusters.firstDayOfMonth());
            };
        }

        LocalDate next(LocalDate first) {
            return switch (this) {
                case DAY -> first.plusDays(1);
                case WEEK -> first.plusWeeks(1);
                case MONTH -> first.plusMonths(1);
            };
        }
    }

    /** From the first instant of a local day, week or month, in, to the first of the next, out. */
    record Period(long start, long end) {

        /** The period that holds an instant. */
        static Period of(long millis, Unit unit, ZoneId zone) {
            LocalDate day = Instant.ofEpochMilli(millis).atZone(zone).toLocalDate();
            LocalDate first = unit.first(day);
            // where clocks go back over midnight a day seems to come twice: what has begun goes on
            if (millis >= begins(unit.next(first), zone)) {
                first = unit.next(first);
            }
            return new Period(begins(first, zone), begins(unit.next(first), zone));
        }

        boolean holds(long millis) {
            return millis >= start && millis < end;
        }

        private static long begins(LocalDate day, ZoneId zone) {
            // the first instant there is: where clocks skip midnight, a day begins later
            return day.atStartOfDay(zone).toInstant().toEpochMilli();
        }
    }

    static TimestampData utc(long millis) {
        return TimestampData.fromLocalDateTime(
                java.time.LocalDateTime.ofInstant(Instant.ofEpochMilli(millis), ZoneOffset.UTC));
    }
}
