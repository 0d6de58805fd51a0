package io.frauddetector.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.junit.jupiter.api.Test;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Evidence: the ids of a trailing window's last events, and ids that sort by time. */
class IdsTest {

    private record Event(long time, String id) {}

    private static String json(Iterable<String> ids) {
        List<String> quoted = new ArrayList<>();
        ids.forEach(id -> quoted.add('"' + id + '"'));
        return '[' + String.join(",", quoted) + ']';
    }

    @Test
    void keepsTheLastTwentyOfATrailingWindow() {
        RecentIds function = new RecentIds();
        RecentIds.Kept kept = function.createAccumulator();
        Deque<String> window = new ArrayDeque<>();
        Random random = new Random(1);
        assertEquals("[]", function.getValue(kept));
        for (int i = 0; i < 20_000; i++) {
            boolean grows = window.isEmpty() || random.nextInt(100) < (i / 1000 % 2 == 0 ? 60 : 40);
            if (grows) {
                function.accumulate(kept, "e" + i);
                window.addLast("e" + i);
            } else {
                function.retract(kept, window.removeFirst());
            }
            List<String> all = new ArrayList<>(window);
            List<String> last = all.subList(Math.max(0, all.size() - 20), all.size());
            assertEquals(json(last), function.getValue(kept));
        }
    }

    @Test
    void writesAnyIdAsJson() {
        RecentIds function = new RecentIds();
        RecentIds.Kept kept = function.createAccumulator();
        for (String id :
                new String[] {"", "a\"b", "back\\slash", "line\nfeed", "Zoë\uD83D\uDE00", null}) {
            function.accumulate(kept, id);
        }
        assertEquals(
                "[\"\",\"a\\\"b\",\"back\\\\slash\",\"line\\nfeed\",\"Zoë\uD83D\uDE00\",\"\"]",
                function.getValue(kept));
    }

    @Test
    void timedIdsSortByTimeAndThenById() {
        Random random = new Random(2);
        long[] times = {Long.MIN_VALUE, -62_167_219_200_000L, -1, 0, 1, 1_700_000_000_000L, Long.MAX_VALUE};
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            events.add(new Event(times[random.nextInt(times.length)], "e" + random.nextInt(100)));
        }
        List<String> sorted =
                events.stream()
                        .sorted(Comparator.comparingLong(Event::time).thenComparing(Event::id))
                        .map(Event::id)
                        .toList();
        List<String> sortedAsText =
                events.stream().map(IdsTest::timed).sorted().map(id -> id.toString().substring(16)).toList();
        assertEquals(sorted, sortedAsText);
    }

    private static StringData timed(Event event) {
        TimestampData time = TimestampData.fromEpochMillis(event.time());
        return new TimedId().eval(time, StringData.fromString(event.id()));
    }

    @Test
    void anyIdComesBehindItsTime() {
        for (String id : new String[] {"", "a", "Zoë\uD83D\uDE00"}) {
            assertEquals("80000000000000ff" + id, timed(new Event(255, id)).toString());
        }
        assertEquals("7fffffffffffffff" + "e", timed(new Event(-1, "e")).toString());
    }

    @Test
    void eventsWithoutTimeOrIdHaveNoTimedId() {
        assertNull(new TimedId().eval(null, StringData.fromString("a")));
        assertNull(new TimedId().eval(TimestampData.fromEpochMillis(1), null));
    }

    @Test
    void evidenceIsTheFirstTwentyIds() {
        Object[] values = {"a", null, new String[] {"b", null, "c\"d"}, 7L};
        assertEquals("[\"a\",\"b\",\"c\\\"d\",\"7\"]", new IdsOf().eval(values));
        assertEquals(4L, new HowMany().eval(values));
        assertEquals("[]", new IdsOf().eval(new Object[] {null, new String[0]}));
        String[] many = IntStream.range(0, 30).mapToObj(Integer::toString).toArray(String[]::new);
        String written = new IdsOf().eval("x", many);
        assertTrue(written.startsWith("[\"x\",\"0\","));
        assertTrue(written.endsWith(",\"18\"]"));
        assertEquals(31L, new HowMany().eval("x", many));
    }
}
