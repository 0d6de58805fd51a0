package io.frauddetector.flink;

import java.io.IOException;
import java.io.Serializable;
import java.time.DateTimeException;
import java.time.LocalDate;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.DecimalType;
import org.apache.flink.table.types.logical.LogicalType;

/** Reads the value that the parser stands at as one SQL type and refuses any other kind of value. */
interface ColumnReader extends Serializable {

    Object read(JsonParser parser, JsonToken token) throws IOException, Refused;

    /**
     * The reader of a type; times without a zone are read in UTC.
     *
     * @param text whether a number is written as text
     * @param round whether a number with too many places is rounded
     */
    static ColumnReader of(LogicalType type, boolean text, boolean round) {
        return switch (type.getTypeRoot()) {
            case CHAR, VARCHAR -> ColumnReader::text;
            case BOOLEAN -> ColumnReader::bool;
            case TINYINT -> whole(Byte.MIN_VALUE, Byte.MAX_VALUE, text, round, value -> (byte) value);
            case SMALLINT -> whole(Short.MIN_VALUE, Short.MAX_VALUE, text, round, value -> (short) value);
            case INTEGER -> whole(Integer.MIN_VALUE, Integer.MAX_VALUE, text, round, value -> (int) value);
            case BIGINT -> whole(Long.MIN_VALUE, Long.MAX_VALUE, text, round, value -> value);
            case FLOAT -> (p, t) -> Numbers.single(Numbers.written(p, t, text, "a number"));
            case DOUBLE -> (p, t) -> Numbers.real(Numbers.written(p, t, text, "a number"));
            case DECIMAL ->
                    (p, t) -> Numbers.decimal(Numbers.written(p, t, text, "a number"), (DecimalType) type, round);
            case DATE -> ColumnReader::date;
            case TIMESTAMP_WITHOUT_TIME_ZONE -> time(WrittenTime::timestamp);
            case TIMESTAMP_WITH_LOCAL_TIME_ZONE -> time(WrittenTime::instant);
            default -> throw new IllegalArgumentException("no JSON reader for " + type);
        };
    }

    /** A whole number as its type's own object. */
    interface Boxed extends Serializable {
        Object of(long value);
    }

    private static ColumnReader whole(long least, long most, boolean text, boolean round, Boxed boxed) {
        return (parser, token) ->
                boxed.of(Numbers.whole(Numbers.written(parser, token, text, "a whole number"), least, most, round));
    }

    private static Object text(JsonParser parser, JsonToken token) throws IOException, Refused {
        if (token != JsonToken.VALUE_STRING) {
            throw unlike("a string", token);
        }
        return StringData.fromString(parser.getText());
    }

    private static Object bool(JsonParser parser, JsonToken token) throws Refused {
        if (token != JsonToken.VALUE_TRUE && token != JsonToken.VALUE_FALSE) {
            throw unlike("true or false", token);
        }
        return token == JsonToken.VALUE_TRUE;
    }

    private static Object date(JsonParser parser, JsonToken token) throws IOException, Refused {
        if (token != JsonToken.VALUE_STRING) {
            throw unlike("a date as a string", token);
        }
        try {
            return (int) LocalDate.parse(parser.getText()).toEpochDay();
        } catch (DateTimeException e) {
            throw new Refused("not a date like 2024-01-31");
        }
    }

    /** Makes a reader of written times, which is of use to one record at a time. */
    interface Times extends Serializable {
        WrittenTime make();
    }

    private static ColumnReader time(Times times) {
        return (parser, token) -> {
            if (token != JsonToken.VALUE_STRING) {
                throw unlike("a time as a string", token);
            }
            return TimestampData.fromEpochMillis(
                    times.make()
                            .millis(
                                    parser.getTextCharacters(),
                                    parser.getTextOffset(),
                                    parser.getTextLength()));
        };
    }

    /** The refusal of a value of the wrong kind. */
    static Refused unlike(String wanted, JsonToken token) {
        String found =
                switch (token) {
                    case START_OBJECT -> "an object";
                    case START_ARRAY -> "an array";
                    case VALUE_STRING -> "a string";
                    case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
                    case VALUE_TRUE, VALUE_FALSE -> "a boolean";
                    default -> token.name();
                };
        return new Refused("expected " + wanted + ", found " + found);
    }
}
