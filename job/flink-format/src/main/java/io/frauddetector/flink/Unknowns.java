package io.frauddetector.flink;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.WeakHashMap;
import java.util.stream.Collectors;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.table.functions.FunctionContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of results that are unknown because an expression failed for an event: counts them by rule, and sends the
 * first few, then one a minute, to the rules' dead letters. It never waits, and nothing of it can fail the job.
 *
 * <p>One for each function and subtask; each record says how many an expression has had there so far, the last one at
 * the end, so the sum of these is the number of all.
 */
final class Unknowns {

    private static final Logger LOG = LoggerFactory.getLogger(Unknowns.class);
    private static final int FIRST = 10;
    private static final long PAUSE_NANOS = 60_000_000_000L;
    private static final int LONGEST = 1000;

    /** A counter's name can be given once in a group, and a rule may have several places in one operator. */
    private static final Map<MetricGroup, Counter> COUNTERS = new WeakHashMap<>();

    private final FunctionContext context;
    private final String subtask = UUID.randomUUID().toString();
    private final Map<String, Place> places = new HashMap<>();
    private RuleDeadLetters letters;

    /** An expression of a rule; several of one rule may share a function. */
    private static final class Place {
        /** {@code rule} or {@code output}. */
        private final String kind;

        private final String name;
        private final String written;
        private final Counter counter;
        private long count;
        private long told;
        private long lastTold;

        private Place(String kind, String name, String written, Counter counter) {
            this.kind = kind;
            this.name = name;
            this.written = written;
            this.counter = counter;
        }
    }

    Unknowns(FunctionContext context) {
        this.context = context;
    }

    /**
     * Tells of one.
     *
     * @param owner {@code rule NAME} or {@code output NAME}
     * @param written the expression, as the analyst wrote it
     * @param event the id of the event that it failed for, null where it was not for one
     */
    void tell(Object owner, Object written, Object event, String reason, Object... values) {
        try {
            told(owner, written, event, reason, values);
        } catch (RuntimeException e) {
            // an event must not stop the job because it can't be told of
            LOG.warn("an unknown result of {} can't be told", owner, e);
        }
    }

    private void told(Object owner, Object written, Object event, String reason, Object[] values) {
        Place place = places.computeIfAbsent(owner + "\n" + written, key -> place(owner.toString(), written.toString()));
        place.count++;
        place.counter.inc();
        long now = System.nanoTime();
        if (place.count <= FIRST || now - place.lastTold > PAUSE_NANOS) {
            place.lastTold = now;
            String shown = Arrays.stream(values).map(Unknowns::text).collect(Collectors.joining(", "));
            send(place, event == null ? null : text(event), reason, shown);
        }
    }

    void close() {
        if (letters == null) {
            return;
        }
        for (Place place : places.values()) {
            if (place.count > place.told) {
                send(place, null, "in all", null);
            }
        }
        letters.release();
        letters = null;
    }

    private Place place(String owner, String written) {
        int blank = owner.indexOf(' ');
        String kind = owner.substring(0, blank);
        String name = owner.substring(blank + 1);
        MetricGroup group = context.getMetricGroup().addGroup(kind, name);
        if (letters == null) {
            letters = RuleDeadLetters.shared(context.getJobParameter(RuleDeadLetters.PARAMETER, ""));
        }
        synchronized (COUNTERS) {
            Counter counter = COUNTERS.computeIfAbsent(group, one -> one.counter("unknownResults"));
            return new Place(kind, name, written, counter);
        }
    }

    private void send(Place place, String event, String reason, String value) {
        place.told = place.count;
        List<String[]> headers = new ArrayList<>();
        headers.add(new String[] {place.kind, place.name});
        headers.add(new String[] {"function", place.written});
        headers.add(new String[] {"reason", reason});
        if (event != null) {
            headers.add(new String[] {"event", event});
        }
        headers.add(new String[] {"count", Long.toString(place.count)});
        headers.add(new String[] {"place", subtask});
        letters.offer(value, headers);
    }

    private static String text(Object value) {
        String text =
                value instanceof byte[] bytes
                        ? HexFormat.of().formatHex(bytes, 0, Math.min(bytes.length, LONGEST / 2))
                        : String.valueOf(value);
        return text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text;
    }

    static byte[] utf8(String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }
}
