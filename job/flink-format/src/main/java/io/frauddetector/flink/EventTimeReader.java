package io.frauddetector.flink;

import java.io.IOException;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;

/** Reads the event time, in milliseconds since 1970, from the value that the parser stands at. */
interface EventTimeReader {

    long read(JsonParser parser, JsonToken token) throws IOException, Refused;

    static EventTimeReader of(EventOptions options) {
        return switch (options.timeFormat()) {
            case ISO8601 -> written(new WrittenTime('T', true, options.zone()));
            case SQL -> written(new WrittenTime(' ', false, options.zone()));
            case EPOCH_SECONDS -> EventTimeReader::seconds;
            case EPOCH_MILLIS -> EventTimeReader::milliseconds;
        };
    }

    private static EventTimeReader written(WrittenTime time) {
        return (parser, token) -> {
            if (token != JsonToken.VALUE_STRING) {
                throw ColumnReader.unlike("a time as a string", token);
            }
            return time.millis(
                    parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
        };
    }

    private static long seconds(JsonParser parser, JsonToken token) throws IOException, Refused {
        if (token == JsonToken.VALUE_NUMBER_INT) {
            return inRange(parser.getDoubleValue()) ? parser.getLongValue() * 1000L : outOfRange();
        }
        if (token == JsonToken.VALUE_NUMBER_FLOAT) {
            double value = parser.getDoubleValue();
            return inRange(value) ? Math.round(value * 1000.0) : outOfRange();
        }
        throw ColumnReader.unlike("seconds as a number", token);
    }

    private static long milliseconds(JsonParser parser, JsonToken token) throws IOException, Refused {
        if (token != JsonToken.VALUE_NUMBER_INT) {
            throw ColumnReader.unlike("milliseconds as a whole number", token);
        }
        return inRange(parser.getDoubleValue() / 1000.0) ? parser.getLongValue() : outOfRange();
    }

    // 0000 to 9999, as far as a written time reaches
    private static boolean inRange(double seconds) {
        return seconds >= -62_167_219_200.0 && seconds < 253_402_300_800.0;
    }

    private static long outOfRange() throws Refused {
        throw new Refused("time out of range");
    }
}
