package io.frauddetector.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.utils.LogicalTypeParser;

import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A stream as a test declares it, and its records read. */
final class Reading {

    static final long YEAR_0 = -62_167_219_200_000L;

    private final List<String> names = new ArrayList<>();
    private final List<LogicalType> types = new ArrayList<>();
    private final Set<String> required = new HashSet<>();
    private String timeColumn = "at";
    private EventTimeFormat timeFormat = EventTimeFormat.EPOCH_MILLIS;
    private ZoneId zone = ZoneOffset.UTC;
    private int maxBytes = 1 << 20;
    private long maxAhead = 3_600_000L;
    private final Map<String, String> paths = new HashMap<>();
    private final Set<String> texts = new HashSet<>();
    private final Set<String> rounded = new HashSet<>();
    private final Set<String> nulled = new HashSet<>();
    private EventDeserializationSchema schema;

    /** Required columns, each as {@code name TYPE}. */
    static Reading of(String... columns) {
        Reading reading = new Reading();
        for (String column : columns) {
            reading.column(column);
            reading.required.add(column.substring(0, column.indexOf(' ')));
        }
        return reading;
    }

    /** Required columns, and {@code at BIGINT}, the event time in milliseconds. */
    static Reading withTime(String... columns) {
        return of(columns).column("at BIGINT");
    }

    Reading column(String column) {
        names.add(column.substring(0, column.indexOf(' ')));
        String type = column.substring(column.indexOf(' ') + 1);
        types.add(LogicalTypeParser.parse(type, getClass().getClassLoader()));
        return this;
    }

    Reading time(String column, EventTimeFormat format, ZoneId zone) {
        this.timeColumn = column;
        this.timeFormat = format;
        this.zone = zone;
        return this;
    }

    Reading time(EventTimeFormat format) {
        return time(timeColumn, format, ZoneOffset.UTC);
    }

    Reading maxBytes(int bytes) {
        this.maxBytes = bytes;
        return this;
    }

    Reading maxAhead(long millis) {
        this.maxAhead = millis;
        return this;
    }

    Reading path(String column, String path) {
        paths.put(column, path);
        return this;
    }

    Reading asText(String... columns) {
        texts.addAll(Set.of(columns));
        return this;
    }

    Reading rounded(String... columns) {
        rounded.addAll(Set.of(columns));
        return this;
    }

    Reading nulled(String... columns) {
        nulled.addAll(Set.of(columns));
        return this;
    }

    EventDeserializationSchema schema() {
        if (schema == null) {
            RowType row =
                    RowType.of(types.toArray(LogicalType[]::new), names.toArray(String[]::new));
            ColumnOptions columns = new ColumnOptions(paths, texts, rounded, nulled);
            EventOptions options =
                    new EventOptions(
                            timeColumn, timeFormat, zone, maxAhead, required, maxBytes, columns);
            schema = new EventDeserializationSchema(row, new int[] {0, 1, 2}, 3, null, options);
            schema.open(null);
        }
        return schema;
    }

    Read read(String record) {
        return read(record.getBytes(StandardCharsets.UTF_8));
    }

    Read read(byte[] record) {
        return new Read((GenericRowData) schema().deserialize(record), record);
    }

    /** A record with one value in the column {@code v}. */
    Object value(String json) {
        return read("{\"v\": " + json + ", \"at\": 1000}").accepted().value("v");
    }

    /** Why a record with such a value in the column {@code v} is refused. */
    String refusal(String json) {
        return read("{\"v\": " + json + ", \"at\": 1000}").refusal();
    }

    /** What became of a record. */
    final class Read {

        private final GenericRowData row;
        private final byte[] record;

        private Read(GenericRowData row, byte[] record) {
            this.row = row;
            this.record = record;
        }

        Object value(String name) {
            return row.getField(names.indexOf(name));
        }

        long time() {
            return ((TimestampData) row.getField(names.size() + 2)).getMillisecond();
        }

        private Object error() {
            return row.getField(names.size() + 1);
        }

        Read accepted() {
            assertNull(error(), () -> "refused: " + error());
            assertSame(record, row.getField(names.size()));
            return this;
        }

        String refusal() {
            assertNotNull(error(), () -> "accepted: " + row);
            assertSame(record, row.getField(names.size()));
            assertEquals(YEAR_0, time(), "no watermark may move");
            for (int i = 0; i < names.size(); i++) {
                assertNull(row.getField(i));
            }
            return error().toString();
        }
    }
}
