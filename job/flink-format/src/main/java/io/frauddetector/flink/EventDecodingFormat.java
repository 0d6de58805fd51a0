package io.frauddetector.flink;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.format.DecodingFormat;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.utils.DataTypeUtils;

/** The planner's view of the format: the declared columns and, as metadata, what became of a record. */
final class EventDecodingFormat implements DecodingFormat<DeserializationSchema<RowData>> {

    private static final Map<String, DataType> METADATA = new LinkedHashMap<>();

    static {
        METADATA.put("raw", DataTypes.BYTES());
        METADATA.put("error", DataTypes.STRING());
        METADATA.put("event-time", DataTypes.TIMESTAMP_LTZ(3));
        // left open here: the event clock behind the source knows (EventClock)
        METADATA.put("late", DataTypes.BOOLEAN());
    }

    private final EventOptions options;
    private List<String> metadata = List.of();

    EventDecodingFormat(EventOptions options) {
        this.options = options;
    }

    @Override
    public Map<String, DataType> listReadableMetadata() {
        return METADATA;
    }

    @Override
    public void applyReadableMetadata(List<String> metadataKeys) {
        this.metadata = List.copyOf(metadataKeys);
    }

    @Override
    public DeserializationSchema<RowData> createRuntimeDecoder(
            DynamicTableSource.Context context, DataType physicalDataType) {
        List<DataTypes.Field> extra =
                metadata.stream().map(key -> DataTypes.FIELD("$" + key, METADATA.get(key))).toList();
        DataType produced = DataTypeUtils.appendRowFields(physicalDataType, extra);
        return new EventDeserializationSchema(
                (RowType) physicalDataType.getLogicalType(),
                Stream.of("raw", "error", "event-time").mapToInt(metadata::indexOf).toArray(),
                metadata.size(),
                context.createTypeInformation(produced),
                options);
    }

    @Override
    public ChangelogMode getChangelogMode() {
        return ChangelogMode.insertOnly();
    }
}
