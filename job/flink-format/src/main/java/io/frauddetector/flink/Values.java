package io.frauddetector.flink;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;

/** SQL values as JSON has them and as people read them. */
final class Values {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private Values() {}

    /** A number or boolean as JSON; a double that is no number is null, as JSON knows none. */
    static String number(Object value) {
        if (value instanceof BigDecimal decimal) {
            return decimal.toPlainString();
        }
        if (value instanceof Double real && !Double.isFinite(real)
                || value instanceof Float single && !Float.isFinite(single)) {
            return "null";
        }
        return value.toString();
    }

    /** Anything else as text; times in UTC with milliseconds. */
    static String text(Object value) {
        if (value instanceof Instant instant) {
            return TIME.format(instant);
        }
        if (value instanceof LocalDateTime time) {
            return TIME.format(time.toInstant(ZoneOffset.UTC));
        }
        return value instanceof Object[] many ? Arrays.deepToString(many) : value.toString();
    }

    /** For people: 1234567.5 and not 1.2345675E6, to four decimals at most. */
    static String readable(Object value) {
        if (value instanceof Double || value instanceof Float) {
            double real = ((Number) value).doubleValue();
            return Double.isFinite(real) ? plain(BigDecimal.valueOf(real)) : value.toString();
        }
        if (value instanceof BigDecimal decimal) {
            return plain(decimal);
        }
        return value == null ? "null" : text(value);
    }

    private static String plain(BigDecimal value) {
        BigDecimal rounded = value.scale() > 4 ? value.setScale(4, RoundingMode.HALF_UP) : value;
        return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
    }
}
