package io.frauddetector.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Random;

/** Against java.time as the reference. */
class WrittenTimeTest {

    private static final List<ZoneId> ZONES =
            List.of(
                    ZoneOffset.UTC,
                    ZoneId.of("UTC"),
                    ZoneId.of("Europe/Berlin"),
                    ZoneId.of("America/New_York"),
                    ZoneId.of("Australia/Lord_Howe"),
                    ZoneId.of("Asia/Kolkata"),
                    ZoneId.of("Africa/Monrovia"));

    private static final LocalDateTime FIRST = LocalDateTime.of(0, 1, 1, 0, 0);
    private static final long MINUTES = 9999L * 365 * 24 * 60;

    private static long iso(String text, ZoneId zone) throws Refused {
        // what stands around it in the buffer must not matter
        char[] buffer = ("7" + text + "7").toCharArray();
        return WrittenTime.iso8601(zone).millis(buffer, 1, text.length());
    }

    private static long sql(String text, ZoneId zone) throws Refused {
        return WrittenTime.sql(zone).millis(text.toCharArray(), 0, text.length());
    }

    private static long millis(LocalDateTime local, ZoneId zone) {
        return local.atZone(zone).toInstant().toEpochMilli();
    }

    private static String written(LocalDateTime local, char separator, int digits) {
        DateTimeFormatterBuilder format =
                new DateTimeFormatterBuilder()
                        .appendPattern("uuuu-MM-dd")
                        .appendLiteral(separator)
                        .appendPattern("HH:mm:ss");
        if (digits > 0) {
            format.appendFraction(ChronoField.NANO_OF_SECOND, digits, digits, true);
        }
        return local.format(format.toFormatter());
    }

    private static LocalDateTime random(Random random) {
        return FIRST.plusMinutes((long) (random.nextDouble() * MINUTES))
                .plusSeconds(random.nextInt(60))
                .plusNanos(random.nextInt(1_000_000_000));
    }

    @Test
    void agreesWithJavaTimeInEveryZone() throws Refused {
        Random random = new Random(1);
        for (int i = 0; i < 300_000; i++) {
            ZoneId zone = ZONES.get(i % ZONES.size());
            int digits = random.nextInt(10);
            LocalDateTime local = random(random);
            LocalDateTime cut = cut(local, digits);
            assertEquals(
                    millis(cut, zone),
                    iso(written(local, 'T', digits), zone),
                    () -> local + " " + zone);
            assertEquals(
                    millis(cut, zone),
                    sql(written(local, ' ', digits), zone),
                    () -> local + " " + zone);
        }
    }

    /** To as many digits of a second as are written, and no more than three. */
    private static LocalDateTime cut(LocalDateTime local, int digits) {
        int unit = (int) Math.pow(10, 9 - Math.min(digits, 3));
        return local.withNano(local.getNano() / unit * unit);
    }

    @Test
    void agreesWithJavaTimeInEveryMinuteAroundAChangeOfClocks() throws Refused {
        for (ZoneId zone : ZONES) {
            for (LocalDate day :
                    List.of(
                            LocalDate.of(2024, 3, 31),
                            LocalDate.of(2024, 10, 27),
                            LocalDate.of(2024, 3, 10),
                            LocalDate.of(2024, 11, 3),
                            LocalDate.of(2024, 4, 7),
                            LocalDate.of(1972, 1, 7))) {
                for (int minute = 0; minute < 24 * 60; minute++) {
                    LocalDateTime local = day.atStartOfDay().plusMinutes(minute);
                    assertEquals(
                            millis(local, zone),
                            sql(written(local, ' ', 0), zone),
                            () -> local + " " + zone);
                }
            }
        }
    }

    @Test
    void agreesWithJavaTimeOnEveryOffset() throws Refused {
        Random random = new Random(2);
        for (int i = 0; i < 100_000; i++) {
            ZoneOffset offset =
                    ZoneOffset.ofTotalSeconds((random.nextInt(36 * 60 + 1) - 18 * 60) * 60);
            LocalDateTime local = random(random).withNano(0);
            String id = offset.equals(ZoneOffset.UTC) ? "Z" : offset.getId();
            String text = written(local, 'T', 0);
            long expected = local.toInstant(offset).toEpochMilli();
            assertEquals(expected, iso(text + id, ZoneId.of("Europe/Berlin")), text + id);
            assertEquals(expected, iso(text + id.replace(":", ""), ZoneOffset.UTC), text + id);
        }
    }

    @Test
    void agreesWithJavaTimeOnEveryDayThatIsOrIsNot() {
        DateTimeFormatter strict =
                DateTimeFormatter.ofPattern("uuuu-MM-dd").withResolverStyle(ResolverStyle.STRICT);
        for (int year :
                new int[] {
                    0, 1, 4, 100, 400, 1582, 1600, 1700, 1899, 1900, 1970, 2000, 2023, 2024, 2100,
                    9999
                }) {
            for (int month = 0; month <= 13; month++) {
                for (int day = 0; day <= 32; day++) {
                    String text = String.format("%04d-%02d-%02d", year, month, day);
                    Long expected = null;
                    try {
                        expected = LocalDate.parse(text, strict).toEpochDay() * 86_400_000L;
                    } catch (DateTimeException e) {
                        // no such day
                    }
                    Long found = null;
                    try {
                        found = iso(text + "T00:00:00", ZoneOffset.UTC);
                    } catch (Refused e) {
                        // no such day
                    }
                    assertEquals(expected, found, text);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "2",
                "2024",
                "2024-01-31",
                "2024-01-31T",
                "2024-01-31T23",
                "2024-01-31T23:5",
                "2024-01-31T23:59:",
                "2024-01-31T23:59.5",
                "2024-01-31T23:59 Z",
                "2024-01-31T23:59:5",
                "2024-01-31T24:00:00",
                "2024-01-31T23:60:00",
                "2024-01-31T23:59:60",
                "2024-1-31T23:59:59",
                "24-01-31T23:59:59",
                "2024-01-31t23:59:59",
                "2024-01-31 23:59:59",
                "2024/01/31T23:59:59",
                "2024-01-31T23.59.59",
                "2024-01-31T23:59:59.",
                "2024-01-31T23:59:59,1",
                "2024-01-31T23:59:59.1234567890",
                "2024-01-31T23:59:59z",
                "2024-01-31T23:59:59ZZ",
                "2024-01-31T23:59:59.Z",
                "2024-01-31T23:59:59+",
                "2024-01-31T23:59:59+1",
                "2024-01-31T23:59:59+01:",
                "2024-01-31T23:59:59+01:0",
                "2024-01-31T23:59:59+01:60",
                "2024-01-31T23:59:59+19:00",
                "2024-01-31T23:59:59+01:00x",
                "2024-01-31T23:59:59 +01:00",
                "2024-01-31T23:59:59[Europe/Berlin]",
                "2024-01-31T23:59:59CET",
                " 2024-01-31T23:59:59",
                "2024-01-31T23:59:59 ",
                "-024-01-31T23:59:59",
                "+2024-01-31T23:59:59",
                "12024-01-31T23:59:59",
                "2024-0x-31T23:59:59",
                "２０２４-01-31T23:59:59",
                "2024-01-31T23:59:59+18:01"
            })
    void rubbishIsRefused(String text) {
        assertThrows(Refused.class, () -> iso(text, ZoneOffset.UTC));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2024-01-31 23:59:59Z",
                "2024-01-31 23:59:59+01:00",
                "2024-01-31T23:59:59",
                "2024-01-31 23:59"
            })
    void sqlTimesNameNoOffset(String text) {
        assertThrows(Refused.class, () -> sql(text, ZoneOffset.UTC));
    }

    @Test
    void fullMinutesNeedNoSeconds() throws Refused {
        long expected = 1_714_564_800_000L; // 2024-05-01T12:00:00Z
        assertEquals(expected, iso("2024-05-01T12:00Z", ZoneOffset.UTC));
        assertEquals(expected, iso("2024-05-01T12:00", ZoneOffset.UTC));
        assertEquals(expected, iso("2024-05-01T14:00+02:00", ZoneOffset.UTC));
        assertEquals(expected, iso("2024-05-01T14:00", ZoneId.of("Europe/Berlin")));
        assertThrows(Refused.class, () -> sql("2024-05-01 12:00", ZoneOffset.UTC));
    }

    @Test
    void aReaderIsUsedAgainAfterARefusal() throws Refused {
        WrittenTime time = WrittenTime.iso8601(ZoneOffset.UTC);
        assertThrows(Refused.class, () -> time.millis("2024".toCharArray(), 0, 4));
        char[] good = "1970-01-01T00:00:01".toCharArray();
        assertEquals(1000, time.millis(good, 0, good.length));
    }
}
