package io.frauddetector.flink;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamSource;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.transformations.SourceTransformation;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.ProviderContext;
import org.apache.flink.table.connector.source.DataStreamScanProvider;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.connector.source.ScanTableSource;
import org.apache.flink.table.connector.source.abilities.SupportsReadingMetadata;
import org.apache.flink.table.connector.source.abilities.SupportsSourceWatermark;
import org.apache.flink.table.connector.source.abilities.SupportsWatermarkPushDown;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.DataType;

/** Flink's Kafka source with our event clock behind it and, where it is asked for, de-duplication behind that. */
final class StreamSource implements ScanTableSource, SupportsReadingMetadata, SupportsSourceWatermark {

    private final ScanTableSource kafka;
    private final ClockOptions clock;
    private final Optional<Deduplicated> deduplicated;
    private List<String> metadata = List.of();
    private DataType row;

    StreamSource(ScanTableSource kafka, ClockOptions clock, Optional<Deduplicated> deduplicated, DataType row) {
        this.kafka = kafka;
        this.clock = clock;
        this.deduplicated = deduplicated;
        this.row = row;
    }

    @Override
    public Map<String, DataType> listReadableMetadata() {
        return ((SupportsReadingMetadata) kafka).listReadableMetadata();
    }

    @Override
    public void applyReadableMetadata(List<String> keys, DataType produced) {
        ((SupportsReadingMetadata) kafka).applyReadableMetadata(keys, produced);
        metadata = List.copyOf(keys);
        row = produced;
    }

    @Override
    public boolean supportsMetadataProjection() {
        return false;
    }

    @Override
    public void applySourceWatermark() {
        // the clock's, there is no other
    }

    @Override
    public ChangelogMode getChangelogMode() {
        return kafka.getChangelogMode();
    }

    @Override
    public ScanRuntimeProvider getScanRuntimeProvider(ScanContext context) {
        ClockFields fields = ClockFields.of(row, metadata);
        ((SupportsWatermarkPushDown) kafka)
                .applyWatermark(new NewestTime(clock.outOfOrdernessMillis()));
        DataStreamScanProvider source = (DataStreamScanProvider) kafka.getScanRuntimeProvider(context);
        return new DataStreamScanProvider() {
            @Override
            public DataStream<RowData> produceDataStream(
                    ProviderContext provider, StreamExecutionEnvironment environment) {
                return behind(timed(source.produceDataStream(provider, environment), fields), provider, fields);
            }

            @Override
            public boolean isBounded() {
                return source.isBounded();
            }

            @Override
            public Optional<Integer> getParallelism() {
                return source.getParallelism();
            }
        };
    }

    /** The same source, with the same uid; the one that it was is a part of no job. */
    private static DataStream<RowData> timed(DataStream<RowData> kafka, ClockFields fields) {
        SourceTransformation<RowData, ?, ?> was = (SourceTransformation<RowData, ?, ?>) kafka.getTransformation();
        TimedSource source = new TimedSource((KafkaSource<RowData>) was.getSource(), fields.time());
        DataStreamSource<RowData> timed =
                kafka.getExecutionEnvironment().fromSource(source, was.getWatermarkStrategy(), was.getName());
        Optional.ofNullable(was.getUid()).ifPresent(timed::uid);
        return timed;
    }

    private DataStream<RowData> behind(DataStream<RowData> source, ProviderContext provider, ClockFields fields) {
        SingleOutputStreamOperator<RowData> clocked =
                source.transform(
                                "clock of " + clock.stream(),
                                source.getType(),
                                new EventClockFactory(fields, clock))
                        .setParallelism(source.getParallelism());
        provider.generateUid("clock").ifPresent(clocked::uid);
        if (deduplicated.isEmpty()) {
            return clocked;
        }
        Deduplicated by = deduplicated.get();
        SingleOutputStreamOperator<RowData> once =
                clocked.keyBy(new EventIdKey(by.idType(), by.idField(), fields), Types.STRING)
                        .process(new Deduplication(fields, by.withinMillis()), source.getType())
                        .name("duplicates of " + clock.stream())
                        .setParallelism(source.getParallelism());
        provider.generateUid("deduplicate").ifPresent(once::uid);
        return once;
    }

    @Override
    public DynamicTableSource copy() {
        StreamSource copy = new StreamSource((ScanTableSource) kafka.copy(), clock, deduplicated, row);
        copy.metadata = metadata;
        return copy;
    }

    @Override
    public String asSummaryString() {
        return kafka.asSummaryString();
    }
}
