package io.frauddetector.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.operators.coordination.CoordinatorStore;
import org.apache.flink.runtime.operators.coordination.CoordinatorStoreImpl;
import org.apache.flink.runtime.operators.coordination.EventReceivingTasks;
import org.apache.flink.runtime.operators.coordination.MockOperatorCoordinatorContext;
import org.apache.flink.runtime.operators.coordination.OperatorCoordinator;
import org.junit.jupiter.api.Test;

class EventClockCoordinatorTest {

    private final CoordinatorStore job = new CoordinatorStoreImpl();

    @Test
    void aSilentSubtaskIsToldTheLeastOfThoseThatHearSomething() throws Exception {
        Stream payments = new Stream("payments", 3);
        payments.tells(0, 100);
        payments.tells(1, 70);
        payments.isSilent(2);
        assertEquals(List.of(70L), payments.toldTo(2));
        payments.tells(1, 120);
        payments.isSilent(2);
        assertEquals(List.of(70L, 100L), payments.toldTo(2));
        assertEquals(List.of(), payments.toldTo(0));
    }

    @Test
    void nobodyIsToldAnythingBeforeAllHaveTold() throws Exception {
        Stream payments = new Stream("payments", 3);
        payments.tells(0, 100);
        payments.isSilent(2);
        assertEquals(List.of(), payments.toldTo(2));
    }

    @Test
    void whileAllAreSilentTheyComeAsFarAsTheLastToFallSilentAndNoFurther() throws Exception {
        Stream payments = new Stream("payments", 2);
        payments.isSilent(0);
        payments.isSilent(1);
        payments.isSilent(0);
        assertEquals(List.of(), payments.toldTo(0), "nobody has come anywhere");
        payments.tells(0, 90);
        payments.isSilent(1, 10);
        payments.isSilent(0, 90);
        payments.isSilent(1, 10);
        payments.isSilent(0, 90);
        assertEquals(List.of(90L, 90L), payments.toldTo(1));
        assertEquals(List.of(90L, 90L), payments.toldTo(0));
    }

    @Test
    void whoNeverSpokeLeadsNobodyHoweverLateItSaysSo() throws Exception {
        Stream payments = new Stream("payments", 1, "orders");
        Stream orders = new Stream("orders", 1, "payments");
        payments.tells(0, 90);
        payments.isSilent(0, 90);
        orders.isSilent(0);
        assertEquals(List.of(90L), orders.toldTo(0));
        orders.isUnheard(0, 40);
        assertEquals(List.of(90L, 90L), orders.toldTo(0));
        payments.isSilent(0, 90);
        assertEquals(List.of(90L), payments.toldTo(0));
    }

    @Test
    void afterARestartInSilenceTimeStandsWhereItStood() throws Exception {
        Stream payments = new Stream("payments", 3);
        payments.isUnheard(0, 70);
        payments.isUnheard(1, 50);
        payments.isSilent(2);
        assertEquals(List.of(50L), payments.toldTo(2));
        payments.isUnheard(0, 70);
        assertEquals(List.of(50L), payments.toldTo(0), "which it is past already");
    }

    @Test
    void whoSpeaksFirstAfterASilenceLeads() throws Exception {
        Stream payments = new Stream("payments", 2);
        payments.isSilent(0);
        payments.isSilent(1);
        payments.tells(1, 80);
        payments.isSilent(0);
        assertEquals(List.of(80L), payments.toldTo(0));
    }

    @Test
    void whoIsAtItsEndIsNotWaitedFor() throws Exception {
        Stream payments = new Stream("payments", 3);
        payments.coordinator.handleEventFromOperator(0, 0, Mark.ENDED);
        payments.tells(1, 80);
        payments.isSilent(2);
        assertEquals(List.of(), payments.toldTo(0));
        assertEquals(List.of(80L), payments.toldTo(2));
    }

    @Test
    void aStreamFollowsThoseThatItIsReadTogetherWithAndNoOther() throws Exception {
        Stream payments = new Stream("payments", 1, "orders");
        Stream logins = new Stream("logins", 1);
        payments.isSilent(0);
        assertEquals(List.of(), payments.toldTo(0), "orders are not there yet");
        Stream orders = new Stream("orders", 1, "payments");
        orders.tells(0, 90);
        payments.isSilent(0);
        logins.isSilent(0);
        assertEquals(List.of(90L), payments.toldTo(0));
        assertEquals(List.of(), logins.toldTo(0));
    }

    @Test
    void whatARestartedSubtaskSaidBeforeIsForgotten() throws Exception {
        Stream payments = new Stream("payments", 2);
        payments.tells(0, 100);
        payments.coordinator.executionAttemptFailed(0, 0, new RuntimeException());
        payments.coordinator.subtaskReset(0, 1);
        payments.isSilent(1);
        assertEquals(List.of(), payments.toldTo(1));
        payments.tells(0, 40);
        payments.isSilent(1);
        assertEquals(List.of(40L), payments.toldTo(1));
    }

    @Test
    void aCheckpointWaitsForNothing() throws Exception {
        CompletableFuture<byte[]> state = new CompletableFuture<>();
        new Stream("payments", 1).coordinator.checkpointCoordinator(1, state);
        assertTrue(state.isDone());
    }

    private final class Stream {
        final OperatorCoordinator coordinator;
        final EventReceivingTasks tasks = EventReceivingTasks.createForRunningTasks();

        Stream(String name, int subtasks, String... follows) throws Exception {
            OperatorID id = new OperatorID();
            ClockOptions options = new ClockOptions(name, 0, 1, List.of(follows), 0);
            OperatorCoordinator.Context context =
                    new MockOperatorCoordinatorContext(id, subtasks) {
                        @Override
                        public CoordinatorStore getCoordinatorStore() {
                            return job;
                        }
                    };
            coordinator = new EventClockCoordinator.Provider(id, options).create(context);
            coordinator.start();
            for (int subtask = 0; subtask < subtasks; subtask++) {
                coordinator.executionAttemptReady(subtask, 0, tasks.createGatewayForSubtask(subtask, 0));
            }
        }

        void tells(int subtask, long mark) throws Exception {
            coordinator.handleEventFromOperator(subtask, 0, Mark.heard(mark));
        }

        /** It has heard nothing since it started. */
        void isSilent(int subtask) throws Exception {
            isUnheard(subtask, Long.MIN_VALUE);
        }

        void isUnheard(int subtask, long mark) throws Exception {
            coordinator.handleEventFromOperator(subtask, 0, Mark.unheard(mark));
        }

        void isSilent(int subtask, long mark) throws Exception {
            coordinator.handleEventFromOperator(subtask, 0, Mark.silent(mark));
        }

        List<Long> toldTo(int subtask) {
            return tasks.getSentEventsForSubtask(subtask).stream().map(event -> ((Mark) event).time()).toList();
        }
    }
}
