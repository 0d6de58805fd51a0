package io.frauddetector.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
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
                function.accumulate(kept, (long) i, "e" + i);
                window.addLast("e" + i);
            } else {
                function.retract(kept, 0L, window.removeFirst());
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
        long time = 0;
        for (String id :
                new String[] {"", "a\"b", "back\\slash", "line\nfeed", "Zoë\uD83D\uDE00", null}) {
            function.accumulate(kept, time++, id);
        }
        assertEquals(
                "[\"\",\"a\\\"b\",\"back\\\\slash\",\"line\\nfeed\",\"Zoë\uD83D\uDE00\",\"\"]",
                function.getValue(kept));
    }

    @Test
    void idsOfOneInstantComeInOneOrderWhateverWayTheyCame() {
        RecentIds function = new RecentIds();
        RecentIds.Kept kept = function.createAccumulator();
        function.accumulate(kept, 1L, "9");
        for (String id : new String[] {"1000", "b", "999", "a"}) {
            function.accumulate(kept, 2L, id);
        }
        assertEquals("[\"9\",\"a\",\"b\",\"999\",\"1000\"]", function.getValue(kept));
        function.retract(kept, 1L, "9");
        function.accumulate(kept, 3L, "7");
        assertEquals("[\"a\",\"b\",\"999\",\"1000\",\"7\"]", function.getValue(kept));
    }

    @Test
    void theLastTwentyOfOneInstantAreTheLastById() {
        RecentIds function = new RecentIds();
        RecentIds.Kept kept = function.createAccumulator();
        List<Integer> ids = new ArrayList<>(IntStream.rangeClosed(90, 114).boxed().toList());
        Collections.shuffle(ids, new Random(3));
        ids.forEach(id -> function.accumulate(kept, 1L, id.toString()));
        // 90 to 114 are 25; without the first five
        assertEquals(json(IntStream.rangeClosed(95, 114).mapToObj(Integer::toString).toList()), function.getValue(kept));
        function.accumulate(kept, 2L, "5");
        for (int id : ids) {
            function.retract(kept, 1L, Integer.toString(id));
        }
        assertEquals("[\"5\"]", function.getValue(kept));
        function.accumulate(kept, 2L, "4");
        assertEquals("[\"4\",\"5\"]", function.getValue(kept));
    }

    @Test
    void shorterIdsComeFirst() {
        List<String> ordered = List.of("", "9", "b", "\uFF5E", "\uD83D\uDE00", "10", "1a", "999", "1000");
        List<String> mixed = new ArrayList<>(ordered);
        Collections.shuffle(mixed, new Random(4));
        assertEquals(ordered, mixed.stream().sorted(IdOrder::compare).toList());
        List<String> timed = mixed.stream().map(id -> timed(new Event(7, id)).toString()).sorted(UTF8).toList();
        assertEquals(ordered, timed.stream().map(text -> text.substring(24)).toList());
    }

    private static final Comparator<String> UTF8 =
            (one, other) ->
                    Arrays.compareUnsigned(
                            one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));

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
                        .sorted(Comparator.comparingLong(Event::time).thenComparing(Event::id, IdOrder::compare))
                        .map(Event::id)
                        .toList();
        List<String> sortedAsText =
                events.stream().map(IdsTest::timed).sorted().map(id -> id.toString().substring(24)).toList();
        assertEquals(sorted, sortedAsText);
    }

    private static StringData timed(Event event) {
        TimestampData time = TimestampData.fromEpochMillis(event.time());
        return new TimedId().eval(time, StringData.fromString(event.id()));
    }

    @Test
    void anyIdComesBehindItsTime() {
        for (String id : new String[] {"", "a", "Zoë\uD83D\uDE00"}) {
            String length = "0000000" + id.codePointCount(0, id.length());
            assertEquals("80000000000000ff" + length + id, timed(new Event(255, id)).toString());
        }
        assertEquals("7fffffffffffffff" + "00000001" + "e", timed(new Event(-1, "e")).toString());
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
