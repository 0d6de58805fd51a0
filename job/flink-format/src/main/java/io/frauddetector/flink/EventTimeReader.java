package io.frauddetector.flink;

import java.io.IOException;
import java.math.BigDecimal;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;

/** Reads the event time, in milliseconds since 1970, from the value that the parser stands at. */
interface EventTimeReader {

    long read(JsonParser parser, JsonToken token) throws IOException, Refused;

    static EventTimeReader of(EventOptions options) {
        boolean text = options.columns().texts().contains(options.timeColumn());
        return switch (options.timeFormat()) {
            case ISO8601 -> written(WrittenTime.iso8601(options.zone()));
            case SQL -> written(WrittenTime.sql(options.zone()));
            case EPOCH_SECONDS -> (p, t) -> seconds(Numbers.written(p, t, text, "seconds as a number"));
            case EPOCH_MILLIS -> (p, t) -> whole(p, t, text, "milliseconds", 1);
            case EPOCH_MICROS -> (p, t) -> whole(p, t, text, "microseconds", 1_000);
            case EPOCH_NANOS -> (p, t) -> whole(p, t, text, "nanoseconds", 1_000_000);
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

    private static long seconds(String text) throws Refused {
        double value = Double.parseDouble(text);
        if (!inRange(value)) {
            throw outOfRange(text);
        }
        return Numbers.isWhole(text) ? Long.parseLong(text) * 1000L : Math.round(value * 1000.0);
    }

    private static long whole(JsonParser parser, JsonToken token, boolean asText, String unit, long inMilli)
            throws IOException, Refused {
        String wanted = unit + " as a whole number";
        String text = Numbers.written(parser, token, asText, wanted);
        if (!Numbers.isWhole(text)) {
            throw new Refused("expected " + wanted + ", found " + text);
        }
        try {
            long millis = Math.floorDiv(Long.parseLong(text), inMilli);
            if (inRange(millis / 1000.0)) {
                return millis;
            }
        } catch (NumberFormatException e) {
            // beyond the widest type
        }
        throw outOfRange(text);
    }

    // 0000 to 9999, as far as a written time reaches
    private static boolean inRange(double seconds) {
        return seconds >= -62_167_219_200.0 && seconds < 253_402_300_800.0;
    }

    private static Refused outOfRange(String text) {
        String unit = EpochUnit.likely(Double.parseDouble(text));
        return new Refused(unit == null ? "time out of range" : new BigDecimal(text).toPlainString() + unit);
    }
}
