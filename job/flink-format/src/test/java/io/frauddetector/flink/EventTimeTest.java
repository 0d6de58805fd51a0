package io.frauddetector.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** Event times in the four formats, and the clock that bounds them. */
class EventTimeTest {

    private static final long JANUARY = Instant.parse("2024-01-31T23:59:59.123Z").toEpochMilli();

    private static long time(Reading reading, String json) {
        return reading.read("{\"at\": " + json + "}").accepted().time();
    }

    private static String refusal(Reading reading, String json) {
        return reading.read("{\"at\": " + json + "}").refusal();
    }

    private static Reading seconds(String type) {
        return Reading.of("at " + type).time(EventTimeFormat.EPOCH_SECONDS);
    }

    private static Reading millis() {
        return Reading.of("at BIGINT").time(EventTimeFormat.EPOCH_MILLIS);
    }

    @Test
    void isoNamesItsOffsetOrTakesTheZone() {
        Reading utc = Reading.of("at STRING").time(EventTimeFormat.ISO8601);
        assertEquals(JANUARY, time(utc, "\"2024-01-31T23:59:59.123Z\""));
        assertEquals(JANUARY, time(utc, "\"2024-01-31T23:59:59.123\""));
        assertEquals(JANUARY, time(utc, "\"2024-02-01T05:29:59.123999+05:30\""));
        Reading berlin =
                Reading.of("at STRING")
                        .time("at", EventTimeFormat.ISO8601, ZoneId.of("Europe/Berlin"));
        assertEquals(JANUARY, time(berlin, "\"2024-02-01T00:59:59.123\""));
        assertEquals(JANUARY, time(berlin, "\"2024-01-31T23:59:59.123Z\""));
        assertEquals(
                "field 'at': not a time in ISO 8601, such as 2024-01-31T23:59:59.123Z",
                refusal(utc, "\"2024-01-31 23:59:59\""));
        assertEquals(
                "field 'at': expected a time as a string, found a number",
                refusal(utc, "17067"));
    }

    @Test
    void sqlTimesAreInTheZone() {
        Reading berlin =
                Reading.of("at STRING").time("at", EventTimeFormat.SQL, ZoneId.of("Europe/Berlin"));
        assertEquals(JANUARY, time(berlin, "\"2024-02-01 00:59:59.123\""));
        assertEquals(
                "field 'at': not a time in SQL's form, such as 2024-01-31 23:59:59.123",
                refusal(berlin, "\"2024-02-01 00:59:59Z\""));
        assertEquals(
                "field 'at': not a time in SQL's form, such as 2024-01-31 23:59:59.123",
                refusal(berlin, "\"2024-02-01T00:59:59\""));
    }

    @ParameterizedTest
    @CsvSource({
        "BIGINT, 1706745599, 1706745599000",
        "INT, 1706745599, 1706745599000",
        "DOUBLE, 1706745599, 1706745599000",
        "DOUBLE, 1706745599.123, 1706745599123",
        "DOUBLE, 1706745599.1239, 1706745599124",
        "DOUBLE, 1.7067455e9, 1706745500000",
        "BIGINT, 0, 0",
        "BIGINT, -1, -1000",
        "DOUBLE, -0.5, -500",
        "BIGINT, -62167219200, -62167219200000"
    })
    void secondsAreWholeOrNot(String type, String written, long expected) {
        assertEquals(expected, time(seconds(type), written));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "253402300800",
                "-62167219201",
                "99999999999999999999999",
                "9223372036854775807"
            })
    void secondsBeyondTheYear9999AreOutOfRange(String written) {
        assertEquals("field 'at': time out of range", refusal(seconds("BIGINT"), written));
        assertEquals("field 'at': time out of range", refusal(seconds("DOUBLE"), written));
        assertEquals("field 'at': time out of range", refusal(seconds("DOUBLE"), "1e300"));
        assertEquals("field 'at': time out of range", refusal(seconds("DOUBLE"), "1e999"));
    }

    @Test
    void millisecondsAreWhole() {
        assertEquals(JANUARY, time(millis(), String.valueOf(JANUARY)));
        assertEquals(-1, time(millis(), "-1"));
        assertEquals(
                "field 'at': expected milliseconds as a whole number, found 1.5",
                refusal(millis(), "1.5"));
        assertEquals(
                "field 'at': expected milliseconds as a whole number, found a string",
                refusal(millis(), "\"5\""));
        for (String far :
                new String[] {
                    "253402300800000",
                    "-62167219200001",
                    "9223372036854775808",
                    "-9223372036854775809"
                }) {
            assertEquals("field 'at': time out of range", refusal(millis(), far));
        }
        assertEquals(
                "field 'at': expected seconds as a number, found a string",
                refusal(seconds("BIGINT"), "\"5\""));
    }

    private static Reading epoch(EventTimeFormat format) {
        return Reading.of("at BIGINT").time(format);
    }

    @ParameterizedTest
    @CsvSource({
        "EPOCH_MICROS, 1706745599123456, 1706745599123",
        "EPOCH_MICROS, 1706745599123999, 1706745599123",
        "EPOCH_MICROS, 999, 0",
        "EPOCH_MICROS, -1, -1",
        "EPOCH_MICROS, -1000, -1",
        "EPOCH_MICROS, -1001, -2",
        "EPOCH_MICROS, 253402300799999999, 253402300799999",
        "EPOCH_MICROS, -62167219200000000, -62167219200000",
        "EPOCH_NANOS, 1706745599123456789, 1706745599123",
        "EPOCH_NANOS, -1, -1",
        "EPOCH_NANOS, -1000001, -2",
        "EPOCH_NANOS, 9223372036854775807, 9223372036854",
        "EPOCH_NANOS, -9223372036854775808, -9223372036855"
    })
    void finerTimesAreCutToMilliseconds(EventTimeFormat format, String written, long expected) {
        Reading reading = Reading.of("at BIGINT").time(format).maxAhead(Long.MAX_VALUE / 2);
        assertEquals(expected, time(reading, written));
    }

    @Test
    void finerTimesBeyondTheYear9999AreOutOfRange() {
        String range = "field 'at': time out of range";
        assertEquals(range, refusal(epoch(EventTimeFormat.EPOCH_MICROS), "253402300800000000"));
        assertEquals(range, refusal(epoch(EventTimeFormat.EPOCH_MICROS), "-62167219200000001"));
        assertEquals(range, refusal(epoch(EventTimeFormat.EPOCH_NANOS), "9223372036854775808"));
        assertEquals(
                "field 'at': expected microseconds as a whole number, found 1.5",
                refusal(epoch(EventTimeFormat.EPOCH_MICROS), "1.5"));
    }

    @ParameterizedTest
    @CsvSource({
        "EPOCH_SECONDS, 1717228800123, milliseconds, EpochMillis",
        "EPOCH_SECONDS, 1717228800123456, microseconds, EpochMicros",
        "EPOCH_SECONDS, 1717228800123456789, nanoseconds, EpochNanos",
        "EPOCH_MILLIS, 1717228800123456, microseconds, EpochMicros",
        "EPOCH_MILLIS, 1717228800123456789, nanoseconds, EpochNanos",
        "EPOCH_MICROS, 1717228800123456789, nanoseconds, EpochNanos"
    })
    void aTimeInAnotherUnitIsToldWithTheUnit(
            EventTimeFormat format, String written, String unit, String declare) {
        assertEquals(
                "field 'at': " + written + " looks like " + unit + ": declare " + declare,
                refusal(epoch(format), written));
    }

    @Test
    void epochsMayBeWrittenAsText() {
        for (EventTimeFormat format : EventTimeFormat.values()) {
            if (format == EventTimeFormat.ISO8601 || format == EventTimeFormat.SQL) {
                continue;
            }
            Reading reading = epoch(format).asText("at");
            assertEquals(time(epoch(format), "1706745599"), time(reading, "\"1706745599\""));
            assertTrue(refusal(reading, "1706745599").contains("written as text, as declared, found a number"));
            assertTrue(refusal(reading, "\" 1706745599\"").contains("written as text"));
        }
    }

    @Test
    void timesAheadOfTheClockAreRefusedHoweverTheyAreRead() {
        Reading reading = Reading.of("at BIGINT").column("x STRING").maxAhead(60_000);
        long now = System.currentTimeMillis();
        for (String more :
                new String[] {"", ", \"x\": \"a\"", ", \"x\": \"\\u0061\"", ", \"y\": {}"}) {
            long near = reading.read("{\"at\": " + (now + 30_000) + more + "}").accepted().time();
            assertEquals(now + 30_000, near);
            assertEquals(
                    "field 'at': dated too far ahead of the clock",
                    reading.read("{\"at\": " + (now + 120_000) + more + "}").refusal());
        }
        Reading iso = Reading.of("at STRING").time("at", EventTimeFormat.ISO8601, ZoneOffset.UTC);
        assertEquals(
                "field 'at': dated too far ahead of the clock",
                refusal(iso, "\"9999-12-31T23:59:59.999Z\""));
        assertEquals(
                JANUARY,
                time(iso, "\"2024-01-31T23:59:59.123Z\""),
                "one bad clock spoils no other event");
    }
}
