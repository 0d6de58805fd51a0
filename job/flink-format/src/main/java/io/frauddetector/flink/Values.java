package io.frauddetector.flink;

import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;

/** SQL values as JSON has them and as people read them. */
final class Values {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private static final int MOST_PLACES = 40;
    private static final int LEAST_PLACES = 20;

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

    /** For people: 1234567.5 and not 1.2345675E6, with every digit that tells it from the numbers beside it. */
    static String readable(Object value) {
        if (value instanceof Double real) {
            return Double.isFinite(real) ? plain(shortest(real)) : value.toString();
        }
        if (value instanceof Float single) {
            return Float.isFinite(single) ? plain(shortest(single)) : value.toString();
        }
        if (value instanceof BigDecimal decimal) {
            return plain(decimal);
        }
        return value == null ? "null" : text(value);
    }

    // Java 17's own texts have a digit too many now and then
    private static BigDecimal shortest(double value) {
        BigDecimal exact = new BigDecimal(value);
        for (int digits = 15; digits < 17; digits++) {
            BigDecimal candidate = exact.round(new MathContext(digits));
            if (candidate.doubleValue() == value) {
                return candidate;
            }
        }
        return exact.round(new MathContext(17));
    }

    private static BigDecimal shortest(float value) {
        BigDecimal exact = new BigDecimal(value);
        for (int digits = 6; digits < 9; digits++) {
            BigDecimal candidate = exact.round(new MathContext(digits));
            if (candidate.floatValue() == value) {
                return candidate;
            }
        }
        return exact.round(new MathContext(9));
    }

    private static String plain(BigDecimal value) {
        BigDecimal stripped = value.stripTrailingZeros();
        if (stripped.signum() == 0) {
            return "0";
        }
        // the place of its first digit: beyond these sizes nobody counts zeros
        int first = stripped.precision() - stripped.scale();
        return first > MOST_PLACES || first < -LEAST_PLACES ? stripped.toString() : stripped.toPlainString();
    }
}
