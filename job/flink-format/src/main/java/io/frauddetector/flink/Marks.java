package io.frauddetector.flink;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How far every subtask of every stream of a job is, as far as they have told it. */
final class Marks {

    private static final Told[] UNKNOWN = {new Told(Mark.UNTOLD, 0)};

    private final Map<String, Told[]> byStream = new HashMap<>();
    private long turn;

    /** All subtasks of a stream, none of which has told anything yet. */
    synchronized void begin(String stream, int subtasks) {
        Told[] untold = new Told[subtasks];
        Arrays.fill(untold, UNKNOWN[0]);
        byStream.put(stream, untold);
    }

    synchronized void set(String stream, int subtask, Mark mark) {
        Told[] told = byStream.get(stream);
        boolean same = told[subtask].mark.from() == mark.from();
        told[subtask] = new Told(mark, same ? told[subtask].turn : ++turn);
    }

    /**
     * The least watermark of those that hear something. While all are silent, that of the last to fall
     * silent: it was the only one for a moment. Who has heard nothing yet was never the one, however late
     * it says so; without any other, time stands where the least of these is. {@link Long#MIN_VALUE} while
     * one of them has none or has not told, or all are at their end.
     */
    synchronized long common(List<String> streams) {
        List<Told> all =
                streams.stream()
                        .flatMap(stream -> Arrays.stream(byStream.getOrDefault(stream, UNKNOWN)))
                        .toList();
        return all.stream()
                .filter(told -> told.mark.isHeard())
                .mapToLong(told -> told.mark.time())
                .min()
                .orElseGet(() -> amongSilent(all));
    }

    private static long amongSilent(List<Told> all) {
        return all.stream()
                .filter(told -> told.mark.hasFallenSilent())
                .max(Comparator.comparingLong(told -> told.turn))
                .map(told -> told.mark.time())
                .orElseGet(
                        () ->
                                all.stream()
                                        .filter(told -> told.mark.isUnheard())
                                        .map(told -> told.mark.time())
                                        .filter(time -> time != Long.MIN_VALUE)
                                        .min(Comparator.naturalOrder())
                                        .orElse(Long.MIN_VALUE));
    }

    /** A mark, and when its subtask began to tell of such. */
    private record Told(Mark mark, long turn) {}
}
