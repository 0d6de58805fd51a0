package io.frauddetector.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.junit.jupiter.api.Test;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/** Evidence: the ids of a trailing window's last events, of a window's first and of its last. */
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
    void firstAndLastDoNotDependOnTheOrderOfArrival() {
        Random random = new Random(2);
        for (int round = 0; round < 2_000; round++) {
            List<Event> events = new ArrayList<>();
            int count = 1 + random.nextInt(8);
            for (int i = 0; i < count; i++) {
                events.add(new Event(random.nextInt(4), "e" + random.nextInt(100)));
            }
            List<Event> sorted =
                    events.stream()
                            .sorted(Comparator.comparingLong(Event::time).thenComparing(Event::id))
                            .collect(Collectors.toList());
            Collections.shuffle(events, random);
            int cut = random.nextInt(count + 1);
            assertEquals(
                    sorted.get(0).id(), first(events.subList(0, cut), events.subList(cut, count)));
            assertEquals(
                    sorted.get(count - 1).id(),
                    last(events.subList(0, cut), events.subList(cut, count)));
        }
    }

    private static String first(List<Event> some, List<Event> others) {
        FirstId function = new FirstId();
        TimedId[] parts = {function.createAccumulator(), function.createAccumulator()};
        some.forEach(
                event ->
                        function.accumulate(
                                parts[0], time(event), StringData.fromString(event.id())));
        others.forEach(
                event ->
                        function.accumulate(
                                parts[1], time(event), StringData.fromString(event.id())));
        TimedId merged = function.createAccumulator();
        function.merge(merged, List.of(parts));
        return function.getValue(merged).toString();
    }

    private static String last(List<Event> some, List<Event> others) {
        LastId function = new LastId();
        TimedId[] parts = {function.createAccumulator(), function.createAccumulator()};
        some.forEach(
                event ->
                        function.accumulate(
                                parts[0], time(event), StringData.fromString(event.id())));
        others.forEach(
                event ->
                        function.accumulate(
                                parts[1], time(event), StringData.fromString(event.id())));
        TimedId merged = function.createAccumulator();
        function.merge(merged, List.of(parts));
        return function.getValue(merged).toString();
    }

    private static TimestampData time(Event event) {
        return TimestampData.fromEpochMillis(event.time());
    }

    @Test
    void eventsWithoutTimeOrIdLeaveNoTrace() {
        FirstId function = new FirstId();
        TimedId kept = function.createAccumulator();
        function.accumulate(kept, null, StringData.fromString("a"));
        function.accumulate(kept, TimestampData.fromEpochMillis(1), null);
        assertNull(function.getValue(kept));
        LastId other = new LastId();
        assertNull(other.getValue(other.createAccumulator()));
    }
}
