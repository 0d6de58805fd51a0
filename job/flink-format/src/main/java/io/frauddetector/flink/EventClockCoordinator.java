package io.frauddetector.flink;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.operators.coordination.OperatorCoordinator;
import org.apache.flink.runtime.operators.coordination.OperatorEvent;

/**
 * Tells silent subtasks of a stream how far the others are: of the stream itself and of those that it
 * follows.
 *
 * <p>It remembers nothing over a restart: subtasks tell anew within a moment, and follow nobody until
 * all have.
 */
final class EventClockCoordinator implements OperatorCoordinator {

    private static final String KEY = "io.frauddetector.marks";

    private final Context context;
    private final String stream;
    private final List<String> company;
    private final Map<Integer, SubtaskGateway> subtasks = new HashMap<>();
    private Marks marks;

    private EventClockCoordinator(Context context, ClockOptions options) {
        this.context = context;
        this.stream = options.stream();
        this.company = new ArrayList<>(options.follows());
        this.company.add(stream);
    }

    @Override
    public void start() {
        context.getCoordinatorStore().putIfAbsent(KEY, new Marks());
        marks = (Marks) context.getCoordinatorStore().get(KEY);
        marks.begin(stream, context.currentParallelism());
    }

    @Override
    public void handleEventFromOperator(int subtask, int attempt, OperatorEvent event) {
        Mark mark = (Mark) event;
        marks.set(stream, subtask, mark);
        SubtaskGateway gateway = subtasks.get(subtask);
        if (gateway != null && mark.follows()) {
            long common = marks.common(company);
            if (common != Long.MIN_VALUE) {
                gateway.sendEvent(Mark.heard(common));
            }
        }
    }

    @Override
    public void executionAttemptReady(int subtask, int attempt, SubtaskGateway gateway) {
        subtasks.put(subtask, gateway);
    }

    @Override
    public void executionAttemptFailed(int subtask, int attempt, Throwable reason) {
        forget(subtask);
    }

    @Override
    public void subtaskReset(int subtask, long checkpoint) {
        forget(subtask);
    }

    private void forget(int subtask) {
        subtasks.remove(subtask);
        marks.set(stream, subtask, Mark.UNTOLD);
    }

    @Override
    public void resetToCheckpoint(long checkpoint, byte[] data) {
        subtasks.clear();
        if (marks != null) {
            marks.begin(stream, context.currentParallelism());
        }
    }

    @Override
    public void checkpointCoordinator(long checkpoint, CompletableFuture<byte[]> result) {
        result.complete(new byte[0]);
    }

    @Override
    public void notifyCheckpointComplete(long checkpoint) {}

    @Override
    public void close() {}

    /** Makes the coordinator of an operator. */
    record Provider(OperatorID operator, ClockOptions options) implements OperatorCoordinator.Provider {

        @Override
        public OperatorID getOperatorId() {
            return operator;
        }

        @Override
        public OperatorCoordinator create(Context context) {
            return new EventClockCoordinator(context, options);
        }
    }
}
