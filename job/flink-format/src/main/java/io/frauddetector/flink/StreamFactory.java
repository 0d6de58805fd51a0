package io.frauddetector.flink;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.connector.source.ScanTableSource;
import org.apache.flink.table.factories.DynamicTableSourceFactory;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.RowType;

/**
 * Makes the connector {@code fraud-kafka}: Flink's own for Kafka, with what a stream says about its time.
 *
 * <p>Options that are not listed here are the Kafka connector's.
 */
public final class StreamFactory implements DynamicTableSourceFactory {

    static final ConfigOption<String> STREAM =
            ConfigOptions.key("stream").stringType().noDefaultValue().withDescription("The stream's name.");

    static final ConfigOption<Duration> OUT_OF_ORDERNESS =
            ConfigOptions.key("out-of-orderness")
                    .durationType()
                    .noDefaultValue()
                    .withDescription("How far events of a partition may come out of order.");

    static final ConfigOption<Duration> IDLE_TIMEOUT =
            ConfigOptions.key("idle-timeout")
                    .durationType()
                    .noDefaultValue()
                    .withDescription("A partition that is silent for so long holds no watermark back.");

    static final ConfigOption<List<String>> FOLLOWS =
            ConfigOptions.key("follows")
                    .stringType()
                    .asList()
                    .defaultValues()
                    .withDescription("Streams whose watermark this one takes while all of it is silent.");

    static final ConfigOption<Duration> SETTLE =
            ConfigOptions.key("settle")
                    .durationType()
                    .defaultValue(Duration.ZERO)
                    .withDescription("How long those who read from here have between the end of time and that of input.");

    static final ConfigOption<Duration> DEDUPLICATE =
            ConfigOptions.key("deduplicate.within")
                    .durationType()
                    .noDefaultValue()
                    .withDescription("Events with one id are one event if they are no further apart.");

    static final ConfigOption<String> EVENT_ID =
            ConfigOptions.key("deduplicate.column")
                    .stringType()
                    .noDefaultValue()
                    .withDescription("The column that holds the event's id.");

    private static final List<ConfigOption<?>> OURS =
            List.of(STREAM, OUT_OF_ORDERNESS, IDLE_TIMEOUT, FOLLOWS, SETTLE, DEDUPLICATE, EVENT_ID);

    @Override
    public String factoryIdentifier() {
        return "fraud-kafka";
    }

    @Override
    public Set<ConfigOption<?>> requiredOptions() {
        return Set.of(STREAM, OUT_OF_ORDERNESS, IDLE_TIMEOUT);
    }

    @Override
    public Set<ConfigOption<?>> optionalOptions() {
        return Set.of(FOLLOWS, SETTLE, DEDUPLICATE, EVENT_ID);
    }

    @Override
    public DynamicTableSource createDynamicTableSource(Context context) {
        ReadableConfig options = Configuration.fromMap(context.getCatalogTable().getOptions());
        FactoryUtil.validateFactoryOptions(this, options);
        ClockOptions clock =
                new ClockOptions(
                        options.get(STREAM),
                        options.get(OUT_OF_ORDERNESS).toMillis(),
                        options.get(IDLE_TIMEOUT).toMillis(),
                        List.copyOf(options.get(FOLLOWS)),
                        options.get(SETTLE).toMillis());
        DataType row = context.getPhysicalRowDataType();
        return new StreamSource(kafka(context), clock, deduplicated(options, row), row);
    }

    private static Optional<Deduplicated> deduplicated(ReadableConfig options, DataType row) {
        return options.getOptional(DEDUPLICATE)
                .map(
                        within -> {
                            int field = DataType.getFieldNames(row).indexOf(options.get(EVENT_ID));
                            RowType type = (RowType) row.getLogicalType();
                            return new Deduplicated(field, type.getTypeAt(field), within.toMillis());
                        });
    }

    private static ScanTableSource kafka(Context context) {
        Map<String, String> options = new HashMap<>(context.getCatalogTable().getOptions());
        OURS.forEach(option -> options.remove(option.key()));
        options.put(FactoryUtil.CONNECTOR.key(), "kafka");
        return (ScanTableSource)
                FactoryUtil.createDynamicTableSource(
                        null,
                        context.getObjectIdentifier(),
                        context.getCatalogTable().copy(options),
                        context.getEnrichmentOptions(),
                        context.getConfiguration(),
                        context.getClassLoader(),
                        context.isTemporary());
    }
}
