package io.frauddetector.flink;

import java.io.Serializable;
import java.util.List;
import org.apache.flink.table.types.DataType;

/**
 * Where in a row of the source the clock finds what it reads and writes.
 *
 * @param time the event time
 * @param error why the record was refused, null for accepted ones
 * @param partition the Kafka partition
 * @param late the clock's verdict
 */
record ClockFields(int time, int error, int partition, int late) implements Serializable {

    /** The fields of a row: the declared columns, then the metadata in the order of its keys. */
    static ClockFields of(DataType row, List<String> metadata) {
        int declared = DataType.getFieldCount(row) - metadata.size();
        return new ClockFields(
                position(declared, metadata, "value.event-time"),
                position(declared, metadata, "value.error"),
                position(declared, metadata, "partition"),
                position(declared, metadata, "value.late"));
    }

    private static int position(int declared, List<String> metadata, String key) {
        if (!metadata.contains(key)) {
            throw new IllegalArgumentException("the table has no column of the metadata " + key);
        }
        return declared + metadata.indexOf(key);
    }
}
