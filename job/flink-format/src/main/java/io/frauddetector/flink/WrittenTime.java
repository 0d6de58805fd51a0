package io.frauddetector.flink;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * Reads {@code yyyy-MM-ddTHH:mm[:ss[.fraction]][offset]} without an object for each event.
 *
 * <p>{@link java.time.format.DateTimeFormatter} takes about a microsecond, as long as the rest of an
 * event's parse; this takes a twentieth of it. Digits past the milliseconds are cut off.
 */
final class WrittenTime {

    private static final long MOST_OFFSET = 18 * 3_600_000L;

    private final char separator;
    private final char otherSeparator;
    private final boolean offsets;
    private final String example;
    private final ZoneId zone;
    private final boolean utc;

    private char[] text;
    private int at;
    private int end;

    private WrittenTime(char separator, char otherSeparator, boolean offsets, ZoneId zone, String example) {
        this.separator = separator;
        this.otherSeparator = otherSeparator;
        this.offsets = offsets;
        this.example = example;
        this.zone = zone;
        this.utc = zone.normalized().equals(ZoneOffset.UTC);
    }

    /** {@code 2024-01-31T23:59:59.123Z}; where no offset is written, in the zone. */
    static WrittenTime iso8601(ZoneId zone) {
        return new WrittenTime('T', 'T', true, zone, "ISO 8601, such as 2024-01-31T23:59:59.123Z");
    }

    /** {@code 2024-01-31 23:59:59.123} in the zone. */
    static WrittenTime sql(ZoneId zone) {
        return new WrittenTime(' ', ' ', false, zone, "SQL's form, such as 2024-01-31 23:59:59.123");
    }

    /** A value of TIMESTAMP(3), as SQL or JSON writes it: {@code 2024-01-31T23:59:59.123} or with a blank. */
    static WrittenTime timestamp() {
        return new WrittenTime('T', ' ', false, ZoneOffset.UTC, "the form of 2024-01-31T23:59:59.123");
    }

    /** A value of TIMESTAMP_LTZ(3), the same with an offset; where none is written, in UTC. */
    static WrittenTime instant() {
        return new WrittenTime('T', ' ', true, ZoneOffset.UTC, "the form of 2024-01-31T23:59:59.123Z");
    }

    /**
     * Milliseconds since 1970 of the time written in a part of a buffer.
     *
     * @throws Refused when it is not such a time
     */
    long millis(char[] buffer, int offset, int length) throws Refused {
        text = buffer;
        at = offset;
        end = offset + length;
        int year = digits(4);
        expect('-');
        int month = digits(2);
        expect('-');
        int day = digits(2);
        char between = separator();
        int hour = digits(2);
        expect(':');
        int minute = digits(2);
        int second = 0;
        int milli = 0;
        // Java prints a full minute without its seconds, as ISO 8601 allows
        if (between != 'T' || at < end && text[at] == ':') {
            expect(':');
            second = digits(2);
            milli = fraction();
        }
        if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59) {
            throw wrong();
        }
        long days = days(year, month, day);
        long local = ((days * 24 + hour) * 60 + minute) * 60_000L + second * 1000L + milli;
        return at == end ? local - zoneOffset(local) : local - writtenOffset();
    }

    private long days(int year, int month, int day) throws Refused {
        if (day > 28) {
            try {
                return LocalDate.of(year, month, day).toEpochDay();
            } catch (DateTimeException e) {
                throw wrong();
            }
        }
        // days from civil, Howard Hinnant's date algorithms
        int y = month <= 2 ? year - 1 : year;
        int era = Math.floorDiv(y, 400);
        int yearOfEra = y - era * 400;
        int dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
        int dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
        return era * 146_097L + dayOfEra - 719_468L;
    }

    private int fraction() throws Refused {
        if (at == end || text[at] != '.') {
            return 0;
        }
        int first = ++at;
        int milli = 0;
        while (at < end && text[at] >= '0' && text[at] <= '9') {
            if (at - first < 3) {
                milli = milli * 10 + (text[at] - '0');
            }
            at++;
        }
        int count = at - first;
        if (count == 0 || count > 9) {
            throw wrong();
        }
        return count == 1 ? milli * 100 : count == 2 ? milli * 10 : milli;
    }

    private long zoneOffset(long local) {
        if (utc) {
            return 0;
        }
        LocalDateTime written =
                LocalDateTime.ofEpochSecond(Math.floorDiv(local, 1000L), 0, ZoneOffset.UTC);
        // in an hour that the clocks leave out, the offset before the change counts, as in java.time
        return zone.getRules().getOffset(written).getTotalSeconds() * 1000L;
    }

    private long writtenOffset() throws Refused {
        char sign = text[at++];
        if (!offsets) {
            throw wrong();
        }
        if (sign == 'Z' && at == end) {
            return 0;
        }
        if (sign != '+' && sign != '-') {
            throw wrong();
        }
        int hours = digits(2);
        boolean colon = at < end && text[at] == ':';
        if (colon) {
            at++;
        }
        int minutes = colon || at < end ? digits(2) : 0;
        long offset = (hours * 60L + minutes) * 60_000L;
        if (at != end || minutes > 59 || offset > MOST_OFFSET) {
            throw wrong();
        }
        return sign == '-' ? -offset : offset;
    }

    private int digits(int count) throws Refused {
        if (at + count > end) {
            throw wrong();
        }
        int value = 0;
        for (int stop = at + count; at < stop; at++) {
            int digit = text[at] - '0';
            if (digit < 0 || digit > 9) {
                throw wrong();
            }
            value = value * 10 + digit;
        }
        return value;
    }

    private char separator() throws Refused {
        char found = at < end ? text[at++] : 0;
        if (found != separator && found != otherSeparator) {
            throw wrong();
        }
        return found;
    }

    private void expect(char wanted) throws Refused {
        if (at >= end || text[at++] != wanted) {
            throw wrong();
        }
    }

    private Refused wrong() {
        return new Refused("not a time in " + example);
    }
}
