package io.frauddetector.flink;

import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.logical.LogicalType;

/** The event id as text. What has none stays with its partition. */
final class EventIdKey implements KeySelector<RowData, String> {

    private static final long serialVersionUID = 1L;

    private final RowData.FieldGetter id;
    private final ClockFields fields;

    EventIdKey(LogicalType type, int field, ClockFields fields) {
        this.id = RowData.createFieldGetter(type, field);
        this.fields = fields;
    }

    @Override
    public String getKey(RowData row) {
        Object found = row.isNullAt(fields.error()) ? id.getFieldOrNull(row) : null;
        return found == null ? NOBODY + row.getInt(fields.partition()) : found.toString();
    }

    /** Whether the key is nobody's id. */
    static boolean isNobody(String key) {
        return key.startsWith(NOBODY);
    }

    private static final String NOBODY = "\0";
}
