package io.frauddetector.flink;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

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
     * The least watermark of those that hear something; {@link Long#MIN_VALUE} while one of them has
     * none or has not told, nothing while all are silent.
     */
    synchronized OptionalLong common(List<String> streams) {
        return streams.stream()
                .flatMap(stream -> Arrays.stream(byStream.getOrDefault(stream, UNKNOWN)))
                .filter(Mark::isHeard)
                .mapToLong(Mark::time)
                .min();
    }
}
