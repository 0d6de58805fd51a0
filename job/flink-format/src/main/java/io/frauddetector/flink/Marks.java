package io.frauddetector.flink;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** How far every subtask of every stream of a job is, as far as they have told it. */
final class Marks {

    private static final Mark[] UNKNOWN = {Mark.UNTOLD};

    private final Map<String, Mark[]> byStream = new HashMap<>();

    /** All subtasks of a stream, none of which has told anything yet. */
    synchronized void begin(String stream, int subtasks) {
        Mark[] untold = new Mark[subtasks];
        Arrays.fill(untold, Mark.UNTOLD);
        byStream.put(stream, untold);
    }

    synchronized void set(String stream, int subtask, Mark mark) {
        byStream.get(stream)[subtask] = mark;
    }

    /**
     * Where a silent subtask goes on to: the least of those that are not silent. Once all are, nobody
     * is waited for any more: the furthest.
     *
     * @return {@link Long#MIN_VALUE} while that is nowhere, or somebody has not told
     */
    synchronized long common(List<String> streams) {
        List<Mark> marks =
                streams.stream().flatMap(stream -> Arrays.stream(byStream.getOrDefault(stream, UNKNOWN))).toList();
        LongStream heard = marks.stream().filter(Mark::isHeard).mapToLong(Mark::time);
        return heard.min().orElseGet(() -> marks.stream().mapToLong(Mark::time).max().orElse(Long.MIN_VALUE));
    }
}
