package io.frauddetector.flink;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.types.logical.DecimalType;

/** Numbers as JSON writes them, and the values of SQL types that they are. */
final class Numbers {

    /** A number of more characters is refused where it is declared: no value of a type is that long. */
    static final int LONGEST = 1000;

    private Numbers() {}

    /** The number that the parser stands at, as it is written; {@code asText}: between quotes. */
    static String written(JsonParser parser, JsonToken token, boolean asText, String wanted)
            throws IOException, Refused {
        boolean number = token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT;
        if (asText && token != JsonToken.VALUE_STRING) {
            throw ColumnReader.unlike(wanted + " written as text, as declared", token);
        }
        if (!asText && !number) {
            throw ColumnReader.unlike(wanted, token);
        }
        String text = parser.getText();
        if (asText && !isNumber(text)) {
            throw new Refused("expected " + wanted + " written as text, such as \"950.00\", found other text");
        }
        if (text.length() > LONGEST) {
            throw new Refused("number of more than " + LONGEST + " characters");
        }
        return text;
    }

    /** Whether a text is a number to the letter of JSON: no blanks, no plus in front, nothing between digits. */
    static boolean isNumber(String text) {
        int at = text.startsWith("-") ? 1 : 0;
        int whole = digits(text, at);
        if (whole == at || whole > at + 1 && text.charAt(at) == '0') {
            return false;
        }
        int end = whole;
        if (end < text.length() && text.charAt(end) == '.') {
            int behind = digits(text, end + 1);
            if (behind == end + 1) {
                return false;
            }
            end = behind;
        }
        if (end < text.length() && (text.charAt(end) == 'e' || text.charAt(end) == 'E')) {
            int sign = end + 1;
            if (sign < text.length() && (text.charAt(sign) == '+' || text.charAt(sign) == '-')) {
                sign++;
            }
            end = digits(text, sign);
            if (end == sign) {
                return false;
            }
        }
        return end == text.length();
    }

    /** Whether a number is written without a point and an exponent. */
    static boolean isWhole(String number) {
        return digits(number, number.startsWith("-") ? 1 : 0) == number.length();
    }

    private static int digits(String text, int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        return at;
    }

    /** A whole number between two bounds; with places behind the point or an exponent only where it is rounded. */
    static long whole(String text, long least, long most, boolean rounded) throws Refused {
        String digits = text;
        if (!isWhole(text)) {
            if (!rounded) {
                throw new Refused("expected a whole number in digits alone, found " + shown(text));
            }
            digits = rounded(text);
        }
        try {
            long value = Long.parseLong(digits);
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            // beyond the widest type
        }
        throw outOfRange();
    }

    private static String rounded(String text) throws Refused {
        BigDecimal value = exact(text);
        if (value == null || beyond(value, 19)) {
            throw outOfRange();
        }
        return rounded(value, 0).toPlainString();
    }

    /** A finite DOUBLE; the sign of a zero stays. */
    static double real(String text) throws Refused {
        double value = Double.parseDouble(text);
        if (Double.isInfinite(value)) {
            throw outOfRange();
        }
        return value;
    }

    /** A finite FLOAT, rounded once. */
    static float single(String text) throws Refused {
        float value = Float.parseFloat(text);
        if (Float.isInfinite(value)) {
            throw outOfRange();
        }
        return value;
    }

    /** A DECIMAL; too many places are rounded half up where that is declared, and refused elsewhere. */
    static DecimalData decimal(String text, DecimalType type, boolean round) throws Refused {
        int precision = type.getPrecision();
        int scale = type.getScale();
        BigDecimal value = exact(text);
        // judged before it is scaled: 1e999999999 would fill the memory with zeros
        if (value == null || beyond(value, precision - scale)) {
            throw misfit(type);
        }
        if (value.scale() > scale) {
            value = round ? rounded(value, scale) : value;
            if (value.scale() > scale || beyond(value, precision - scale)) {
                throw misfit(type);
            }
        }
        return DecimalData.fromBigDecimal(value, precision, scale);
    }

    /** The number without zeros at its end; null when its exponent has more digits than Java's own numbers have. */
    private static BigDecimal exact(String text) {
        try {
            return new BigDecimal(text).stripTrailingZeros();
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** Whether a number has more digits in front of its point. */
    private static boolean beyond(BigDecimal value, int digits) {
        return (long) value.precision() - value.scale() > digits;
    }

    private static BigDecimal rounded(BigDecimal value, int scale) {
        // less than a tenth of the last place: scaling 1e-999999999 would fill the memory with zeros
        boolean nothing = (long) value.precision() - value.scale() < -scale;
        return nothing ? BigDecimal.ZERO : value.setScale(scale, RoundingMode.HALF_UP).stripTrailingZeros();
    }

    private static String shown(String text) {
        return text.length() > 40 ? text.substring(0, 40) + "…" : text;
    }

    private static Refused outOfRange() {
        return new Refused("number out of range");
    }

    private static Refused misfit(DecimalType type) {
        return new Refused(
                "number does not fit DECIMAL(" + type.getPrecision() + ", " + type.getScale() + ")");
    }
}
