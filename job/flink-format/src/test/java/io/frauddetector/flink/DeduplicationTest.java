package io.frauddetector.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.logical.VarCharType;
import org.junit.jupiter.api.Test;

class DeduplicationTest {

    private static final long HOUR = 3_600_000;

    @Test
    void theFirstOfEventsWithOneIdPasses() throws Exception {
        Events events = new Events(null);
        events.take("a", 0);
        events.take("b", 0);
        events.take("a", 0);
        events.take("a", HOUR);
        assertEquals(List.of("a 0", "b 0"), events.passed());
        assertEquals(2, events.counted());
    }

    @Test
    void anIdThatComesAgainLaterThanTheTimeIsAnotherEvent() throws Exception {
        Events events = new Events(null);
        events.take("a", 0);
        events.take("a", HOUR);
        events.take("a", HOUR + 1);
        events.take("a", 2 * HOUR + 1);
        assertEquals(List.of("a 0", "a 3600001"), events.passed());
    }

    @Test
    void whatPassesDoesNotDependOnWhenTheWatermarkComes() throws Exception {
        for (boolean soon : new boolean[] {true, false}) {
            Events events = new Events(null);
            for (long time : new long[] {0, HOUR, HOUR + 1, 2 * HOUR, 3 * HOUR}) {
                events.take("a", time);
                if (soon) {
                    events.harness.processWatermark(time);
                }
            }
            assertEquals(List.of("a 0", "a 3600001", "a 10800000"), events.passed());
        }
    }

    @Test
    void nothingIsRememberedForEver() throws Exception {
        Events events = new Events(null);
        for (int id = 0; id < 100; id++) {
            events.take("id" + id, id);
        }
        events.harness.processWatermark(2 * HOUR + 99);
        assertEquals(0, events.harness.numKeyedStateEntries());
        assertEquals(0, events.harness.numEventTimeTimers());
    }

    @Test
    void aLateCopyDoesNotTakeThePlaceOfOneThatIsInTime() throws Exception {
        Events events = new Events(null);
        events.take("a", 0, true, 10);
        events.take("a", 0, true, 10);
        events.take("a", 0, false, 0);
        events.take("a", 0, false, 0);
        events.take("a", 0, true, 10);
        assertEquals(List.of("a 0 late", "a 0"), events.passed());
        assertEquals(3, events.counted());
    }

    @Test
    void whatIsFurtherBehindThanTheTimePasses() throws Exception {
        Events events = new Events(null);
        events.take("a", 0, true, HOUR);
        events.take("a", 0, true, HOUR + 1);
        assertEquals(List.of("a 0 late", "a 0 late"), events.passed());
    }

    @Test
    void refusedRecordsPassUntouched() throws Exception {
        Events events = new Events(null);
        for (int times = 0; times < 3; times++) {
            GenericRowData refused = Clocks.row("a", 0, 1);
            refused.setField(Clocks.FIELDS.error(), StringData.fromString("not JSON"));
            refused.setField(Clocks.FIELDS.late(), false);
            events.harness.processElement(refused, 0);
        }
        events.take("a", 0);
        assertEquals(4, events.passed().size());
        assertEquals(0, events.counted());
    }

    @Test
    void aRestartForgetsNeitherIdsNorTheCount() throws Exception {
        Events events = new Events(null);
        events.take("a", 0);
        events.take("a", 0);
        Events again = new Events(events.harness.snapshot(1, 1));
        again.take("a", 0);
        again.take("b", 0);
        assertEquals(List.of("b 0"), again.passed());
        assertEquals(2, again.counted());
    }

    private static final class Events {
        final KeyedOneInputStreamOperatorTestHarness<String, RowData, RowData> harness;

        Events(OperatorSubtaskState state) throws Exception {
            harness =
                    new KeyedOneInputStreamOperatorTestHarness<>(
                            new KeyedProcessOperator<>(new Deduplication(Clocks.FIELDS, HOUR)),
                            new EventIdKey(VarCharType.STRING_TYPE, 0, Clocks.FIELDS),
                            Types.STRING);
            harness.setup();
            if (state == null) {
                harness.initializeEmptyState();
            } else {
                harness.initializeState(state);
            }
            harness.open();
        }

        void take(String id, long time) throws Exception {
            take(id, time, false, time);
        }

        /** An event, and the newest of its partition before it. */
        void take(String id, long time, boolean late, long newest) throws Exception {
            GenericRowData row = Clocks.row(id, time, 0);
            row.setField(Clocks.FIELDS.late(), late);
            harness.processElement(row, newest);
        }

        List<String> passed() {
            return harness.extractOutputValues().stream()
                    .map(row -> row.getString(0) + " " + row.getTimestamp(1, 3).getMillisecond()
                            + (row.getBoolean(4) ? " late" : ""))
                    .toList();
        }

        long counted() {
            return harness.getEnvironment().getAccumulatorRegistry().getUserMap().values().stream()
                    .mapToLong(one -> (Long) one.getLocalValue())
                    .sum();
        }
    }
}
