package io.frauddetector.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Random;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.junit.jupiter.api.Test;

/** Hours, weekdays and periods on the wall, over changes of the clocks. */
class LocalTimeTest {

    private static final String[] ZONES = {
        "UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Beirut", "America/St_Johns", "Asia/Kathmandu",
        "Pacific/Apia", "America/Havana", "Australia/Lord_Howe", "+05:45"
    };

    private static TimestampData at(String instant) {
        return TimestampData.fromEpochMillis(Instant.parse(instant).toEpochMilli());
    }

    private static StringData name(String zone) {
        return StringData.fromString(zone);
    }

    private static String period(String instant, String unit, String zone) {
        TimestampData start = new LocalStart().eval(at(instant), unit, name(zone));
        TimestampData end = new LocalEnd().eval(at(instant), unit, name(zone));
        return start + " " + end;
    }

    @Test
    void tellsTheHour() {
        LocalHour hour = new LocalHour();
        StringData berlin = name("Europe/Berlin");
        assertEquals(0, hour.eval(at("2024-03-30T23:00:00Z"), berlin));
        // 02:00 does not exist that night
        assertEquals(1, hour.eval(at("2024-03-31T00:59:59.999Z"), berlin));
        assertEquals(3, hour.eval(at("2024-03-31T01:00:00Z"), berlin));
        // and comes twice that one
        assertEquals(2, hour.eval(at("2024-10-27T00:30:00Z"), berlin));
        assertEquals(2, hour.eval(at("2024-10-27T01:30:00Z"), berlin));
        assertEquals(5, hour.eval(at("2024-01-01T00:00:00Z"), name("Asia/Kathmandu")));
        assertEquals(23, hour.eval(at("1969-12-31T23:59:59.999Z"), name("UTC")));
    }

    @Test
    void tellsTheWeekday() {
        LocalWeekday day = new LocalWeekday();
        assertEquals(4, day.eval(at("1970-01-01T00:00:00Z"), name("UTC")));
        assertEquals(3, day.eval(at("1969-12-31T23:59:59Z"), name("UTC")));
        assertEquals(7, day.eval(at("2024-03-31T21:59:59Z"), name("Europe/Berlin")));
        assertEquals(1, day.eval(at("2024-03-31T22:00:00Z"), name("Europe/Berlin")));
    }

    @Test
    void agreesWithTheCalendarEverywhere() {
        Random random = new Random(4);
        LocalHour hour = new LocalHour();
        LocalWeekday day = new LocalWeekday();
        for (int i = 0; i < 50_000; i++) {
            String zone = ZONES[random.nextInt(ZONES.length)];
            Instant instant = Instant.ofEpochMilli(random.nextLong(-5_000_000_000_000L, 5_000_000_000_000L));
            TimestampData time = TimestampData.fromEpochMillis(instant.toEpochMilli());
            ZonedDateTime local = instant.atZone(ZoneId.of(zone));
            assertEquals(local.getHour(), hour.eval(time, name(zone)));
            assertEquals(local.getDayOfWeek().getValue(), day.eval(time, name(zone)));
        }
    }

    @Test
    void knowsNoZoneThatIsNone() {
        for (String zone : new String[] {"", "Europe/Berln", "berlin", "../../etc", "+99:00"}) {
            assertNull(new LocalHour().eval(at("2024-01-01T00:00:00Z"), name(zone)), zone);
            assertNull(new LocalWeekday().eval(at("2024-01-01T00:00:00Z"), name(zone)), zone);
        }
        assertNull(new LocalHour().eval(null, name("UTC")));
        assertNull(new LocalHour().eval(at("2024-01-01T00:00:00Z"), null));
        for (long extreme : new long[] {Long.MIN_VALUE, Long.MAX_VALUE}) {
            new LocalHour().eval(TimestampData.fromEpochMillis(extreme), name("Europe/Berlin"));
            new LocalWeekday().eval(TimestampData.fromEpochMillis(extreme), name("Europe/Berlin"));
        }
    }

    @Test
    void daysHaveTwentyThreeAndTwentyFiveHours() {
        assertEquals("2024-03-30T23:00 2024-03-31T22:00", period("2024-03-30T23:30:00Z", "Day", "Europe/Berlin"));
        assertEquals("2024-10-26T22:00 2024-10-27T23:00", period("2024-10-27T22:50:00Z", "Day", "Europe/Berlin"));
        assertEquals("2024-10-27T23:00 2024-10-28T23:00", period("2024-10-27T23:00:00Z", "Day", "Europe/Berlin"));
    }

    @Test
    void weeksBeginOnMondaysAndMonthsOnTheFirst() {
        assertEquals("2024-03-24T23:00 2024-03-31T22:00", period("2024-03-31T21:59:59Z", "Week", "Europe/Berlin"));
        assertEquals("2024-03-31T22:00 2024-04-07T22:00", period("2024-03-31T22:00:00Z", "Week", "Europe/Berlin"));
        assertEquals("2024-02-29T23:00 2024-03-31T22:00", period("2024-03-01T00:00:00Z", "Month", "Europe/Berlin"));
        assertEquals("2023-12-31T23:00 2024-01-31T23:00", period("2024-01-01T00:00:00Z", "Month", "Europe/Berlin"));
    }

    @Test
    void daysBeginWhenClocksSkipMidnight() {
        // 2017-10-15 began at 01:00 in São Paulo, an hour that follows 23:59:59
        assertEquals("2017-10-15T03:00 2017-10-16T02:00", period("2017-10-15T03:00:00Z", "Day", "America/Sao_Paulo"));
        assertEquals("2017-10-14T03:00 2017-10-15T03:00", period("2017-10-15T02:59:59Z", "Day", "America/Sao_Paulo"));
        // and the day ended twice in February: 25 hours
        assertEquals("2018-02-17T02:00 2018-02-18T03:00", period("2018-02-18T02:30:00Z", "Day", "America/Sao_Paulo"));
        // Beirut skips midnight in March and has 23:00 twice in October
        assertEquals("2021-03-27T22:00 2021-03-28T21:00", period("2021-03-28T12:00:00Z", "Day", "Asia/Beirut"));
        assertEquals("2021-10-29T21:00 2021-10-30T22:00", period("2021-10-30T21:30:00Z", "Day", "Asia/Beirut"));
    }

    @Test
    void aDayThatClocksTurnBackIntoGoesOn() {
        // in St. John's clocks went from 00:01 back to 23:01 of the day before
        assertEquals("2007-11-04T02:30 2007-11-05T03:30", period("2007-11-04T02:31:30Z", "Day", "America/St_Johns"));
    }

    @Test
    void periodsLieSideBySide() {
        for (String zone : ZONES) {
            for (LocalTime.Unit unit : LocalTime.Unit.values()) {
                long at = Instant.parse("1995-01-01T12:00:00Z").toEpochMilli();
                long last = Instant.parse("2025-01-01T12:00:00Z").toEpochMilli();
                ZoneId id = ZoneId.of(zone);
                LocalTime.Period period = LocalTime.Period.of(at, unit, id);
                while (at < last) {
                    assertTrue(period.holds(at));
                    LocalTime.Period next = LocalTime.Period.of(period.end(), unit, id);
                    assertEquals(period.end(), next.start(), zone + unit + Instant.ofEpochMilli(period.end()));
                    assertEquals(period, LocalTime.Period.of(period.end() - 1, unit, id));
                    at = next.start();
                    period = next;
                }
            }
        }
    }

    @Test
    void everyInstantIsInItsPeriod() {
        Random random = new Random(5);
        for (int i = 0; i < 100_000; i++) {
            ZoneId zone = ZoneId.of(ZONES[random.nextInt(ZONES.length)]);
            LocalTime.Unit unit = LocalTime.Unit.values()[random.nextInt(3)];
            long millis = random.nextLong(-2_000_000_000_000L, 2_500_000_000_000L);
            LocalTime.Period period = LocalTime.Period.of(millis, unit, zone);
            assertTrue(period.holds(millis), zone + " " + unit + " " + Instant.ofEpochMilli(millis));
            assertTrue(period.end() - period.start() <= Duration.ofDays(31).plusHours(25).toMillis());
        }
    }
}
