package io.frauddetector.flink;

import java.time.Duration;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.connector.format.DecodingFormat;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.factories.DeserializationFormatFactory;
import org.apache.flink.table.factories.DynamicTableFactory;
import org.apache.flink.table.factories.FactoryUtil;

/** Makes the format {@code fraud-event}: strict JSON, one row for every record, refused or not. */
public final class EventFormatFactory implements DeserializationFormatFactory {

    static final ConfigOption<String> TIME_COLUMN =
            ConfigOptions.key("event-time.column")
                    .stringType()
                    .noDefaultValue()
                    .withDescription("The column that holds the event time.");

    static final ConfigOption<EventTimeFormat> TIME_FORMAT =
            ConfigOptions.key("event-time.format")
                    .enumType(EventTimeFormat.class)
                    .noDefaultValue()
                    .withDescription("How the event time is written.");

    static final ConfigOption<String> TIME_ZONE =
            ConfigOptions.key("event-time.zone")
                    .stringType()
                    .defaultValue("UTC")
                    .withDescription("The zone of a written time that names none.");

    static final ConfigOption<Duration> MAX_AHEAD =
            ConfigOptions.key("max-ahead")
                    .durationType()
                    .defaultValue(Duration.ofHours(1))
                    .withDescription("An event dated further ahead of this machine's clock is refused.");

    static final ConfigOption<List<String>> REQUIRED =
            ConfigOptions.key("required")
                    .stringType()
                    .asList()
                    .defaultValues()
                    .withDescription("Columns that must be there and not null.");

    static final ConfigOption<Integer> MAX_BYTES =
            ConfigOptions.key("max-bytes")
                    .intType()
                    .defaultValue(1 << 20)
                    .withDescription("A larger record is refused unread.");

    static final ConfigOption<List<String>> PATHS =
            ConfigOptions.key("paths")
                    .stringType()
                    .asList()
                    .defaultValues()
                    .withDescription("Where columns lie that don't lie at their own name: column=field.field.");

    static final ConfigOption<List<String>> TEXTS =
            ConfigOptions.key("written-as-text")
                    .stringType()
                    .asList()
                    .defaultValues()
                    .withDescription("Columns whose numbers are written as text.");

    static final ConfigOption<List<String>> ROUNDED =
            ConfigOptions.key("rounded")
                    .stringType()
                    .asList()
                    .defaultValues()
                    .withDescription("Columns whose numbers are rounded when they have too many places.");

    static final ConfigOption<List<String>> NULLED =
            ConfigOptions.key("nulled")
                    .stringType()
                    .asList()
                    .defaultValues()
                    .withDescription("Columns that are null when their value does not fit.");

    @Override
    public String factoryIdentifier() {
        return "fraud-event";
    }

    @Override
    public Set<ConfigOption<?>> requiredOptions() {
        return Set.of(TIME_COLUMN, TIME_FORMAT);
    }

    @Override
    public Set<ConfigOption<?>> optionalOptions() {
        return Set.of(TIME_ZONE, MAX_AHEAD, REQUIRED, MAX_BYTES, PATHS, TEXTS, ROUNDED, NULLED);
    }

    @Override
    public DecodingFormat<DeserializationSchema<RowData>> createDecodingFormat(
            DynamicTableFactory.Context context, ReadableConfig options) {
        FactoryUtil.validateFactoryOptions(this, options);
        return new EventDecodingFormat(
                new EventOptions(
                        options.get(TIME_COLUMN),
                        options.get(TIME_FORMAT),
                        ZoneId.of(options.get(TIME_ZONE)),
                        options.get(MAX_AHEAD).toMillis(),
                        Set.copyOf(options.get(REQUIRED)),
                        options.get(MAX_BYTES),
                        columns(options)));
    }

    private static ColumnOptions columns(ReadableConfig options) {
        Map<String, String> paths = new HashMap<>();
        for (String each : options.get(PATHS)) {
            int equals = each.indexOf('=');
            paths.put(each.substring(0, equals), each.substring(equals + 1));
        }
        return new ColumnOptions(
                Map.copyOf(paths),
                Set.copyOf(options.get(TEXTS)),
                Set.copyOf(options.get(ROUNDED)),
                Set.copyOf(options.get(NULLED)));
    }
}
