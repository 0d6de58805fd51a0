package io.frauddetector.flink;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonFactory;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonProcessingException;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.StreamReadConstraints;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.exc.StreamConstraintsException;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.io.JsonEOFException;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.types.logical.RowType;

/** Reads any record with Jackson, to the letter of JSON, and says of those it refuses why. */
final class StrictJson {

    /** Far beyond what anybody nests; a megabyte of brackets would fill the memory with Jackson's own notes. */
    private static final int DEEPEST = 100_000;

    /** A field that a column, or several in its object, lie in. */
    private static final class Field {
        final String name;
        final String path;
        final Map<String, Field> below = new HashMap<>();
        int column = -1;
        long seenIn;

        Field(String name, String path) {
            this.name = name.intern();
            this.path = path;
        }

        Field child(String name) {
            return below.computeIfAbsent(name, key -> new Field(key, path.isEmpty() ? key : path + "." + key));
        }
    }

    private final JsonFactory json =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(DEEPEST)
                                    .maxNumberLength(Integer.MAX_VALUE)
                                    .maxNameLength(Integer.MAX_VALUE)
                                    .build())
                    .build();

    private final Field root = new Field("", "");
    private final ColumnReader[] readers;
    private final String[] paths;
    private final boolean[] required;
    private final boolean[] nulled;
    private final boolean[] spoiled;
    private final int timeColumn;
    private final EventTimeReader timeReader;

    /** Which field the k-th of the last record was: records of one stream mostly look alike. */
    private final Field[] layout;

    private long record;
    private long time;
    private int nulls;

    StrictJson(RowType row, boolean[] required, int timeColumn, EventOptions options) {
        int count = row.getFieldCount();
        ColumnOptions columns = options.columns();
        this.readers = new ColumnReader[count];
        this.paths = new String[count];
        this.nulled = new boolean[count];
        this.spoiled = new boolean[count];
        this.required = required;
        this.timeColumn = timeColumn;
        this.timeReader = EventTimeReader.of(options);
        this.layout = new Field[Math.max(64, count)];
        for (int i = 0; i < count; i++) {
            String name = row.getFieldNames().get(i);
            boolean text = columns.texts().contains(name);
            readers[i] = ColumnReader.of(row.getTypeAt(i), text, columns.rounded().contains(name));
            nulled[i] = columns.nulled().contains(name);
            paths[i] = columns.path(name);
            Field field = root;
            for (String part : paths[i].split("\\.")) {
                field = field.child(part);
            }
            field.column = i;
        }
    }

    /** The event time of the record read last, in milliseconds since 1970. */
    long time() {
        return time;
    }

    /** How many values of the record read last did not fit and became null. */
    int nulls() {
        return nulls;
    }

    /** Reads a record into a row whose columns are null as yet. */
    void read(byte[] message, GenericRowData row) throws Refused {
        // Jackson guesses the encoding and would take UTF-16: JSON on the wire is UTF-8 (RFC 8259, 8.1)
        if (message.length > 1 && (message[0] == 0 || message[1] == 0) || !Utf8.valid(message)) {
            throw new Refused("not JSON in UTF-8");
        }
        record++;
        nulls = 0;
        time = Long.MIN_VALUE;
        Arrays.fill(spoiled, false);
        try (JsonParser parser = json.createParser(message)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new Refused("not a JSON object");
            }
            object(parser, root, row);
            if (parser.nextToken() != null) {
                throw new Refused("something follows the JSON object");
            }
        } catch (StreamConstraintsException e) {
            throw new Refused("objects and arrays within each other, more than " + DEEPEST + " deep");
        } catch (JsonEOFException e) {
            throw new Refused("not JSON: it ends too early");
        } catch (JsonProcessingException e) {
            throw new Refused("not JSON: wrong near byte " + e.getLocation().getByteOffset());
        } catch (IOException e) {
            throw new Refused("not JSON: it can't be read");
        }
        complete(row);
    }

    private void object(JsonParser parser, Field parent, GenericRowData row) throws IOException, Refused {
        int position = 0;
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            Field field = field(parent, name, position++);
            JsonToken token = parser.nextToken();
            if (field == null) {
                parser.skipChildren();
            } else if (token == JsonToken.VALUE_NULL) {
                continue;
            } else if (field.column < 0) {
                below(parser, token, field, row);
            } else {
                value(parser, token, field, row);
            }
        }
    }

    private Field field(Field parent, String name, int position) {
        boolean known = parent == root && position < layout.length;
        // Jackson interns field names, so identity says enough
        if (known && layout[position] != null && layout[position].name == name) {
            return layout[position];
        }
        Field found = parent.below.get(name);
        if (known && found != null) {
            layout[position] = found;
        }
        return found;
    }

    private void below(JsonParser parser, JsonToken token, Field field, GenericRowData row)
            throws IOException, Refused {
        if (token != JsonToken.START_OBJECT) {
            spoil(parser, field, row, ColumnReader.unlike("an object", token));
            return;
        }
        if (field.seenIn == record) {
            throw twice(field);
        }
        field.seenIn = record;
        object(parser, field, row);
    }

    private void value(JsonParser parser, JsonToken token, Field field, GenericRowData row)
            throws IOException, Refused {
        int column = field.column;
        if (row.getField(column) != null || spoiled[column]) {
            if (!nulled[column]) {
                throw twice(field);
            }
            // which of them counts nobody can tell
            spoil(parser, field, row, null);
            return;
        }
        try {
            if (column == timeColumn) {
                time = timeReader.read(parser, token);
            }
            row.setField(column, readers[column].read(parser, token));
        } catch (Refused e) {
            spoil(parser, field, row, e);
        }
    }

    /** Makes null what a value that does not fit stands for, unless one of these columns refuses it. */
    private void spoil(JsonParser parser, Field field, GenericRowData row, Refused why)
            throws IOException, Refused {
        parser.skipChildren();
        spoil(field, row, field.path, why);
    }

    private void spoil(Field field, GenericRowData row, String path, Refused why) throws Refused {
        int column = field.column;
        if (column >= 0) {
            if (!nulled[column]) {
                throw new Refused("field '" + path + "': " + why.getMessage());
            }
            nulls += spoiled[column] ? 0 : 1;
            spoiled[column] = true;
            row.setField(column, null);
        }
        for (Field child : field.below.values()) {
            spoil(child, row, path, why);
        }
    }

    private void complete(GenericRowData row) throws Refused {
        for (int i = 0; i < required.length; i++) {
            if (required[i] && row.getField(i) == null && !spoiled[i]) {
                throw new Refused("field '" + paths[i] + "' is missing or null");
            }
        }
    }

    private static Refused twice(Field field) {
        return new Refused("field '" + field.path + "' comes twice");
    }
}
