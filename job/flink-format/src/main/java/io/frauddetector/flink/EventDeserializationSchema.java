package io.frauddetector.flink;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonFactory;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonProcessingException;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.util.Collector;

/**
 * Parses a record once, as strict JSON, into one row.
 *
 * <p>A refused record becomes a row too: its columns null, its reason in the metadata column {@code
 * error}, its bytes untouched in {@code raw} and its event time so early that no watermark moves.
 */
final class EventDeserializationSchema implements DeserializationSchema<RowData> {

    private static final long serialVersionUID = 1L;

    /** The event time of a refused record: the year 0, before anything that may be accepted. */
    private static final TimestampData NEVER = TimestampData.fromEpochMillis(-62_167_219_200_000L);

    private final String[] names;
    private final ColumnReader[] readers;
    private final boolean[] required;
    private final int rawAt;
    private final int errorAt;
    private final int timeAt;
    private final int arity;
    private final int timeColumn;
    private final TypeInformation<RowData> producedType;
    private final EventOptions options;

    private final RowType declared;

    private transient PlainJson plain;
    private transient JsonFactory json;
    private transient EventTimeReader timeReader;
    private transient Map<String, Integer> columns;
    /** Which column the k-th field of the last record was: records of one stream mostly look alike. */
    private transient int[] layout;

    /** What became of the record read last. */
    private transient boolean accepted;

    private transient long eventTime;

    EventDeserializationSchema(
            RowType row,
            int[] metadataPositions,
            int metadataCount,
            TypeInformation<RowData> producedType,
            EventOptions options) {
        this.declared = row;
        this.names = row.getFieldNames().stream().map(String::intern).toArray(String[]::new);
        this.readers = row.getChildren().stream().map(ColumnReader::of).toArray(ColumnReader[]::new);
        this.required = new boolean[names.length];
        int time = -1;
        for (int i = 0; i < names.length; i++) {
            boolean isTime = names[i].equals(options.timeColumn());
            required[i] = isTime || options.required().contains(names[i]);
            time = isTime ? i : time;
        }
        if (time < 0) {
            throw new IllegalArgumentException("no column " + options.timeColumn());
        }
        this.timeColumn = time;
        this.rawAt = position(metadataPositions[0]);
        this.errorAt = position(metadataPositions[1]);
        this.timeAt = position(metadataPositions[2]);
        this.arity = names.length + metadataCount;
        this.producedType = producedType;
        this.options = options;
    }

    private int position(int metadata) {
        return metadata < 0 ? -1 : names.length + metadata;
    }

    @Override
    public void open(InitializationContext context) {
        plain = new PlainJson(declared, required, timeColumn, options);
        json = new JsonFactory();
        timeReader = EventTimeReader.of(options);
        columns = new HashMap<>();
        for (int i = 0; i < names.length; i++) {
            names[i] = names[i].intern();
            columns.put(names[i], i);
        }
        layout = new int[Math.max(64, names.length)];
    }

    @Override
    public void deserialize(byte[] message, Collector<RowData> out) {
        out.collect(deserialize(message));
    }

    @Override
    public RowData deserialize(byte[] message) {
        GenericRowData row = new GenericRowData(arity);
        if (message != null && message.length <= options.maxBytes() && plain.read(message, row)) {
            eventTime = plain.time();
            accepted = true;
        } else {
            row = strictly(message);
        }
        return finished(row, message);
    }

    /** The row of a record as Jackson reads it, or of its refusal. */
    GenericRowData strictly(byte[] message) {
        GenericRowData row = new GenericRowData(arity);
        try {
            parse(message, row);
            accepted = true;
            return row;
        } catch (Refused e) {
            return refused(e.getMessage());
        } catch (RuntimeException e) {
            // a parser's own mistake: no record may end the job
            return refused(notJson(e.getMessage()));
        }
    }

    /** The row with its metadata, unless the event is dated too far ahead. */
    GenericRowData finished(GenericRowData row, byte[] message) {
        if (accepted && eventTime > System.currentTimeMillis() + options.maxAheadMillis()) {
            row = refused("field '" + names[timeColumn] + "': dated too far ahead of the clock");
        }
        if (timeAt >= 0) {
            row.setField(timeAt, accepted ? TimestampData.fromEpochMillis(eventTime) : NEVER);
        }
        if (rawAt >= 0) {
            row.setField(rawAt, message);
        }
        return row;
    }

    private GenericRowData refused(String reason) {
        accepted = false;
        GenericRowData row = new GenericRowData(arity);
        if (errorAt >= 0) {
            row.setField(errorAt, StringData.fromString(reason));
        }
        return row;
    }

    private void parse(byte[] message, GenericRowData row) throws Refused {
        if (message == null) {
            throw new Refused("no value");
        }
        if (message.length > options.maxBytes()) {
            throw new Refused(
                    "record of " + message.length + " bytes, more than " + options.maxBytes());
        }
        // Jackson guesses the encoding and would take UTF-16: JSON on the wire is UTF-8 (RFC 8259, 8.1)
        if (message.length > 1 && (message[0] == 0 || message[1] == 0) || !Utf8.valid(message)) {
            throw new Refused("not JSON in UTF-8");
        }
        try (JsonParser parser = json.createParser(message)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new Refused("not a JSON object");
            }
            fields(parser, row);
            if (parser.nextToken() != null) {
                throw new Refused("something follows the JSON object");
            }
        } catch (JsonProcessingException e) {
            throw new Refused(notJson(e.getOriginalMessage()));
        } catch (IOException e) {
            throw new Refused(notJson(e.getMessage()));
        }
    }

    private static String notJson(String why) {
        return "not JSON: " + String.valueOf(why).lines().findFirst().orElse("");
    }

    private void fields(JsonParser parser, GenericRowData row) throws IOException, Refused {
        int position = 0;
        long time = Long.MIN_VALUE;
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            int column = column(name, position++);
            JsonToken token = parser.nextToken();
            if (column < 0) {
                parser.skipChildren();
            } else if (token != JsonToken.VALUE_NULL) {
                if (row.getField(column) != null) {
                    throw new Refused("field '" + name + "' comes twice");
                }
                try {
                    if (column == timeColumn) {
                        time = timeReader.read(parser, token);
                    }
                    row.setField(column, readers[column].read(parser, token));
                } catch (Refused e) {
                    throw new Refused("field '" + name + "': " + e.getMessage());
                }
            }
        }
        for (int i = 0; i < required.length; i++) {
            if (required[i] && row.getField(i) == null) {
                throw new Refused("field '" + names[i] + "' is missing or null");
            }
        }
        eventTime = time;
    }

    private int column(String name, int position) {
        boolean known = position < layout.length;
        // Jackson interns field names, so identity says enough
        if (known && layout[position] < names.length && names[layout[position]] == name) {
            return layout[position];
        }
        Integer column = columns.get(name);
        if (column == null) {
            return -1;
        }
        if (known) {
            layout[position] = column;
        }
        return column;
    }

    @Override
    public boolean isEndOfStream(RowData nextElement) {
        return false;
    }

    @Override
    public TypeInformation<RowData> getProducedType() {
        return producedType;
    }
}
