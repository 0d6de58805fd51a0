package io.frauddetector.flink;

import java.io.IOException;
import java.io.Serializable;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.DecimalType;
import org.apache.flink.table.types.logical.LogicalType;

/** Reads the value that the parser stands at as one SQL type and refuses any other kind of value. */
interface ColumnReader extends Serializable {

    Object read(JsonParser parser, JsonToken token) throws IOException, Refused;

    /** The reader of a type; times without a zone are read in UTC. */
    static ColumnReader of(LogicalType type) {
        return switch (type.getTypeRoot()) {
            case CHAR, VARCHAR -> ColumnReader::text;
            case BOOLEAN -> ColumnReader::bool;
            case TINYINT -> (p, t) -> (byte) whole(p, t, Byte.MIN_VALUE, Byte.MAX_VALUE);
            case SMALLINT -> (p, t) -> (short) whole(p, t, Short.MIN_VALUE, Short.MAX_VALUE);
            case INTEGER -> (p, t) -> (int) whole(p, t, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case BIGINT -> (p, t) -> whole(p, t, Long.MIN_VALUE, Long.MAX_VALUE);
            case FLOAT -> (p, t) -> (float) real(p, t, Float.MAX_VALUE);
            case DOUBLE -> (p, t) -> real(p, t, Double.MAX_VALUE);
            case DECIMAL -> decimal((DecimalType) type);
            case DATE -> ColumnReader::date;
            case TIMESTAMP_WITHOUT_TIME_ZONE -> timestamp(' ');
            case TIMESTAMP_WITH_LOCAL_TIME_ZONE -> timestamp('T');
            default -> throw new IllegalArgumentException("no JSON reader for " + type);
        };
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

    private static long whole(JsonParser parser, JsonToken token, long least, long most)
            throws IOException, Refused {
        if (token != JsonToken.VALUE_NUMBER_INT) {
            throw unlike("a whole number", token);
        }
        JsonParser.NumberType kind = parser.getNumberType();
        long value = kind == JsonParser.NumberType.BIG_INTEGER ? 0 : parser.getLongValue();
        if (kind == JsonParser.NumberType.BIG_INTEGER || value < least || value > most) {
            throw new Refused("number out of range");
        }
        return value;
    }

    private static double real(JsonParser parser, JsonToken token, double most)
            throws IOException, Refused {
        if (token != JsonToken.VALUE_NUMBER_FLOAT && token != JsonToken.VALUE_NUMBER_INT) {
            throw unlike("a number", token);
        }
        double value = parser.getDoubleValue();
        if (Math.abs(value) > most) {
            throw new Refused("number out of range");
        }
        return value;
    }

    private static ColumnReader decimal(DecimalType type) {
        int precision = type.getPrecision();
        int scale = type.getScale();
        return (parser, token) -> {
            if (token != JsonToken.VALUE_NUMBER_FLOAT && token != JsonToken.VALUE_NUMBER_INT) {
                throw unlike("a number", token);
            }
            BigDecimal value = exact(parser, type).stripTrailingZeros();
            // judged before it is scaled: 1e999999999 would fill the memory with zeros
            if ((long) value.precision() - value.scale() > precision - scale || value.scale() > scale) {
                throw misfit(type);
            }
            return DecimalData.fromBigDecimal(value, precision, scale);
        };
    }

    private static BigDecimal exact(JsonParser parser, DecimalType type) throws IOException, Refused {
        try {
            return parser.getDecimalValue();
        } catch (NumberFormatException e) {
            // an exponent of more digits than Java's own numbers have
            throw misfit(type);
        }
    }

    private static Refused misfit(DecimalType type) {
        return new Refused(
                "number does not fit DECIMAL(" + type.getPrecision() + ", " + type.getScale() + ")");
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

    private static ColumnReader timestamp(char separator) {
        return (parser, token) -> {
            if (token != JsonToken.VALUE_STRING) {
                throw unlike("a time as a string", token);
            }
            WrittenTime time = new WrittenTime(separator, separator == 'T', ZoneOffset.UTC);
            return TimestampData.fromEpochMillis(
                    time.millis(
                            parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength()));
        };
    }

    /** The refusal of a value of the wrong kind. */
    static Refused unlike(String wanted, JsonToken token) {
        String found =
                switch (token) {
                    case START_OBJECT -> "an object";
                    case START_ARRAY -> "an array";
                    case VALUE_STRING -> "a string";
                    case VALUE_NUMBER_INT -> "a whole number";
                    case VALUE_NUMBER_FLOAT -> "a number with a fraction";
                    case VALUE_TRUE, VALUE_FALSE -> "a boolean";
                    default -> token.name();
                };
        return new Refused("expected " + wanted + ", found " + found);
    }
}
