package io.frauddetector.flink;

import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.operators.coordination.OperatorCoordinator;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.CoordinatedOperatorFactory;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.table.data.RowData;

/** Makes the event clock of a stream, and its coordinator. */
final class EventClockFactory extends AbstractStreamOperatorFactory<RowData>
        implements OneInputStreamOperatorFactory<RowData, RowData>, CoordinatedOperatorFactory<RowData> {

    private static final long serialVersionUID = 1L;

    private final ClockFields fields;
    private final ClockOptions options;

    EventClockFactory(ClockFields fields, ClockOptions options) {
        this.fields = fields;
        this.options = options;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T extends StreamOperator<RowData>> T createStreamOperator(
            StreamOperatorParameters<RowData> parameters) {
        OperatorID operator = parameters.getStreamConfig().getOperatorID();
        var dispatcher = parameters.getOperatorEventDispatcher();
        EventClock clock =
                new EventClock(
                        parameters,
                        fields,
                        options,
                        dispatcher.getOperatorEventGateway(operator));
        dispatcher.registerEventHandler(operator, clock);
        return (T) clock;
    }

    @Override
    public OperatorCoordinator.Provider getCoordinatorProvider(String name, OperatorID operator) {
        return new EventClockCoordinator.Provider(operator, options);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader loader) {
        return EventClock.class;
    }
}
