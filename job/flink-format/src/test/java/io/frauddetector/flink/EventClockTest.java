package io.frauddetector.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.StringData;
import org.junit.jupiter.api.Test;

class EventClockTest {

    private static final long NOON = 43_200_000;

    @Test
    void anEventAsOldAsTheBoundIsInTimeAndOneOlderIsLate() throws Exception {
        try (Clocks clock = Clocks.started()) {
            assertFalse(clock.late(0, NOON));
            assertFalse(clock.late(0, NOON - 5_000));
            assertTrue(clock.late(0, NOON - 5_001));
            assertFalse(clock.late(0, NOON + 1));
            assertTrue(clock.late(0, NOON - 5_000), "the newest before it counts");
        }
    }

    @Test
    void partitionsDoNotKnowOfEachOther() throws Exception {
        try (Clocks clock = Clocks.started()) {
            assertFalse(clock.late(0, NOON));
            assertFalse(clock.late(17, 0));
            assertTrue(clock.late(0, 0));
            assertFalse(clock.late(17, 1));
        }
    }

    @Test
    void howFastItIsReadChangesNothing() throws Exception {
        List<Long> times = List.of(NOON, NOON - 4_000, NOON - 6_000, NOON + 60_000, NOON + 54_000, NOON + 55_000);
        for (long pause : new long[] {0, 1, 250, 20_000}) {
            try (Clocks clock = Clocks.started()) {
                StringBuilder late = new StringBuilder();
                long newest = 0;
                for (long time : times) {
                    late.append(clock.late(0, time) ? 'l' : '.');
                    newest = Math.max(newest, time);
                    if (pause > 0) {
                        clock.source(newest - 5_001);
                        clock.pass(pause);
                    }
                }
                assertEquals("..l.l.", late.toString(), "pauses of " + pause);
            }
        }
    }

    @Test
    void aRefusedRecordIsNeverLateAndMovesNothing() throws Exception {
        try (Clocks clock = Clocks.started()) {
            GenericRowData refused = Clocks.row("x", 9_999_999_999_999L, 0);
            refused.setField(Clocks.FIELDS.error(), StringData.fromString("not JSON"));
            assertFalse(clock.verdict(refused));
            assertFalse(clock.late(0, 1));
        }
    }

    @Test
    void theSourcesWatermarkGoesOnAsItIs() throws Exception {
        try (Clocks clock = Clocks.started()) {
            clock.late(0, NOON);
            clock.source(NOON - 5_001);
            clock.source(Watermark.MAX_WATERMARK.getTimestamp());
            assertEquals(List.of(NOON - 5_001, Watermark.MAX_WATERMARK.getTimestamp()), clock.watermarks());
        }
    }

    @Test
    void aSilentPartitionHoldsTimeBackNoLongerThanItsTimeout() throws Exception {
        try (Clocks clock = Clocks.started()) {
            clock.late(0, NOON);
            clock.late(1, NOON + 10_000);
            clock.source(NOON - 5_001);
            clock.pass(30_000);
            clock.late(1, NOON + 20_000);
            clock.pass(30_000);
            assertEquals(List.of(NOON - 5_001), clock.watermarks());
            clock.pass(200);
            assertEquals(List.of(NOON - 5_001, NOON + 14_999), clock.watermarks());
            assertFalse(clock.late(0, NOON + 15_000), "not behind the watermark");
            assertTrue(clock.late(0, NOON + 14_999), "behind it, though in time for its partition");
        }
    }

    @Test
    void aPartitionThatNeverSpokeHoldsTimeBackNoLongerThanItsTimeout() throws Exception {
        try (Clocks clock = Clocks.started()) {
            clock.late(0, NOON);
            clock.pass(59_800);
            assertEquals(List.of(), clock.watermarks());
            clock.late(0, NOON);
            clock.pass(200);
            assertEquals(List.of(NOON - 5_001), clock.watermarks());
        }
    }

    @Test
    void aSubtaskThatHearsNothingFollowsTheOthersAndIsNeverIdle() throws Exception {
        try (Clocks clock = Clocks.started()) {
            clock.late(0, NOON);
            clock.source(NOON - 5_001);
            clock.harness.processWatermarkStatus(WatermarkStatus.IDLE);
            clock.pass(200);
            clock.others(NOON + 1);
            assertEquals(List.of(NOON - 5_001), clock.watermarks(), "not while it hears something");
            clock.pass(60_000);
            assertEquals(List.of(Mark.heard(NOON - 5_001), Mark.silent(NOON - 5_001)), clock.told());
            clock.others(NOON + 60_000);
            clock.others(NOON);
            assertEquals(List.of(NOON - 5_001, NOON + 60_000), clock.watermarks());
            assertEquals(List.of(), clock.others());

            assertTrue(clock.late(0, NOON + 60_000));
            clock.others(NOON + 90_000);
            assertFalse(clock.late(0, NOON + 60_001), "it hears something again");
            assertEquals(List.of(NOON - 5_001, NOON + 60_000), clock.watermarks());
            clock.source(NOON + 55_000);
            clock.pass(200);
            assertEquals(Mark.heard(NOON + 60_000), clock.told().get(clock.told().size() - 1));
        }
    }

    @Test
    void timeStandsStillWhileAllIsSilentAndGoesOnWithWhoSpeaks() throws Exception {
        try (Clocks clock = Clocks.alone()) {
            clock.late(0, NOON);
            clock.late(1, NOON - 60_000);
            clock.source(NOON - 65_001);
            clock.pass(600_000);
            assertEquals(List.of(NOON - 65_001), clock.watermarks());
            clock.late(0, NOON + 1);
            clock.pass(200);
            assertEquals(List.of(NOON - 65_001, NOON - 5_000), clock.watermarks());
            assertEquals(List.of(), clock.told(), "nobody would answer");
        }
    }

    @Test
    void whoSpokeLastMovesTimeAlsoIfNobodyLookedBeforeItFellSilent() throws Exception {
        try (Clocks clock = Clocks.started(1_000)) {
            clock.late(0, NOON);
            clock.pass(200);
            clock.harness.setProcessingTime(5_000);
            assertEquals(List.of(NOON - 5_001), clock.watermarks());
            assertEquals(Mark.silent(NOON - 5_001), clock.told().get(clock.told().size() - 1));
        }
    }

    @Test
    void aProcessThatStoodStillKnowsNothingOfSilence() throws Exception {
        try (Clocks clock = Clocks.started()) {
            clock.late(0, NOON);
            clock.late(1, NOON + 60_000);
            clock.source(NOON - 5_001);
            clock.pass(200);
            clock.harness.setProcessingTime(3_600_000);
            clock.late(1, NOON + 60_001);
            clock.pass(1_000);
            assertEquals(List.of(NOON - 5_001), clock.watermarks());
        }
    }

    @Test
    void itsWatermarkOutlivesARestartOnAnyNumberOfSubtasks() throws Exception {
        OperatorSubtaskState state;
        try (Clocks clock = Clocks.alone()) {
            clock.late(0, NOON);
            clock.source(NOON - 5_001);
            state = clock.harness.snapshot(1, 1);
        }
        for (int subtasks : new int[] {1, 2, 3, 8}) {
            for (int subtask = 0; subtask < subtasks; subtask++) {
                try (Clocks clock = Clocks.restored(state, subtasks, subtask)) {
                    clock.pass(200);
                    assertEquals(List.of(NOON - 5_001), clock.watermarks());
                    assertTrue(clock.late(5, NOON - 5_001), "behind the watermark");
                    assertFalse(clock.late(5, NOON - 5_000));
                }
            }
        }
    }

    @Test
    void aSubtaskAtItsEndRefusesTheOthersNoSavepoint() throws Exception {
        try (Clocks clock = Clocks.started()) {
            clock.late(0, NOON);
            List<OperatorStateHandle.Mode> modes =
                    clock.harness.snapshot(1, 1).getManagedOperatorState().stream()
                            .flatMap(handle -> handle.getStateNameToPartitionOffsets().values().stream())
                            .map(OperatorStateHandle.StateMetaInfo::getDistributionMode)
                            .toList();
            assertEquals(List.of(OperatorStateHandle.Mode.SPLIT_DISTRIBUTE), modes, "Flink minds union states");
        }
    }
}
