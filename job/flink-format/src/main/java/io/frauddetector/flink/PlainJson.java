package io.frauddetector.flink;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.core.memory.MemorySegment;
import org.apache.flink.core.memory.MemorySegmentFactory;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.binary.BinaryStringData;
import org.apache.flink.table.types.logical.DecimalType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeRoot;
import org.apache.flink.table.types.logical.RowType;

/**
 * Reads the JSON that nearly all events are made of, straight from their bytes: a flat object, plain
 * ASCII text, numbers without exponents of as many digits as a long or a double holds exactly.
 *
 * <p>It says yes or "don't know", never no: whatever is unusual or wrong goes to Jackson, which alone
 * decides what is refused and why. So all it must get right is what it accepts. Text is not decoded;
 * a column of type STRING is a view of the record's own bytes.
 */
final class PlainJson {

    private static final int NO_COLUMN = -1;
    private static final int UNSURE = -2;
    private static final int MOST_DIGITS = 15;
    private static final int LONG_DIGITS = 19;
    private static final double[] TEN_TO = new double[MOST_DIGITS + 1];
    private static final long[] WHOLE_TEN_TO = new long[MOST_DIGITS + 1];

    static {
        TEN_TO[0] = 1;
        WHOLE_TEN_TO[0] = 1;
        for (int i = 1; i <= MOST_DIGITS; i++) {
            TEN_TO[i] = TEN_TO[i - 1] * 10;
            WHOLE_TEN_TO[i] = WHOLE_TEN_TO[i - 1] * 10;
        }
    }

    private final byte[][] names;
    private final LogicalType[] types;
    private final boolean flat;
    private final boolean[] texts;
    private final boolean[] required;
    private final int timeColumn;
    private final EventTimeFormat timeFormat;
    private final WrittenTime writtenTime;
    private final char[] timeText = new char[40];
    private final int[] layout = new int[64];

    private byte[] json;
    private int at;
    private MemorySegment[] segments;
    private long time;

    /** The number read last: its digits as one whole number, how many stood behind the point, and in all. */
    private long digits;

    private int fraction;

    private int count;

    PlainJson(RowType row, boolean[] required, int timeColumn, EventOptions options) {
        List<String> paths = row.getFieldNames().stream().map(options.columns()::path).toList();
        this.flat = paths.stream().noneMatch(path -> path.contains("."));
        this.names =
                paths.stream()
                        .map(path -> path.getBytes(StandardCharsets.UTF_8))
                        .toArray(byte[][]::new);
        this.texts = new boolean[names.length];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = options.columns().texts().contains(row.getFieldNames().get(i));
        }
        this.types = row.getChildren().toArray(LogicalType[]::new);
        this.required = required;
        this.timeColumn = timeColumn;
        this.timeFormat = options.timeFormat();
        this.writtenTime =
                timeFormat == EventTimeFormat.SQL
                        ? WrittenTime.sql(options.zone())
                        : WrittenTime.iso8601(options.zone());
    }

    /** The event time of the record read last, in milliseconds since 1970. */
    long time() {
        return time;
    }

    /** Whether the record was read into the row; if not, the row may hold rubbish. */
    boolean read(byte[] message, GenericRowData row) {
        json = message;
        at = 0;
        segments = null;
        try {
            return flat && object(row);
        } catch (ArrayIndexOutOfBoundsException | Refused e) {
            // the end came too early, or the time is no time
            return false;
        }
    }

    private boolean object(GenericRowData row) throws Refused {
        if (next() != '{') {
            return false;
        }
        for (int position = 0; ; position++) {
            if (next() != '"') {
                return false;
            }
            int column = name(position);
            if (column == UNSURE || next() != ':' || !value(column, row)) {
                return false;
            }
            int behind = next();
            if (behind == '}') {
                return nothingFollows() && complete(row);
            }
            if (behind != ',') {
                return false;
            }
        }
    }

    /** The next byte that is not white space; the position is behind it. */
    private int next() {
        int found = json[at++];
        while (found == ' ' || found == '\n' || found == '\r' || found == '\t') {
            found = json[at++];
        }
        return found;
    }

    private boolean nothingFollows() {
        for (; at < json.length; at++) {
            if (json[at] != ' ' && json[at] != '\n' && json[at] != '\r' && json[at] != '\t') {
                return false;
            }
        }
        return true;
    }

    private boolean complete(GenericRowData row) {
        for (int i = 0; i < required.length; i++) {
            if (required[i] && row.getField(i) == null) {
                return false;
            }
        }
        return true;
    }

    private int name(int position) {
        int from = at;
        int to = closingQuote();
        if (to < 0) {
            return UNSURE;
        }
        if (position < layout.length && is(layout[position], from, to)) {
            return layout[position];
        }
        for (int column = 0; column < names.length; column++) {
            if (is(column, from, to)) {
                if (position < layout.length) {
                    layout[position] = column;
                }
                return column;
            }
        }
        return NO_COLUMN;
    }

    private boolean is(int column, int from, int to) {
        byte[] name = names[column];
        return Arrays.equals(json, from, to, name, 0, name.length);
    }

    /** Where the text that begins here ends, the position behind its quote; -1 for anything but plain ASCII. */
    private int closingQuote() {
        byte[] bytes = json;
        int place = at;
        int found;
        while ((found = bytes[place]) != '"') {
            // negative: not ASCII; below a blank: not JSON; a backslash: to be decoded
            if (found < ' ' || found == '\\') {
                return -1;
            }
            place++;
        }
        at = place + 1;
        return place;
    }

    private boolean value(int column, GenericRowData row) throws Refused {
        int first = next();
        if (first == 'n') {
            return word("ull");
        }
        if (column != NO_COLUMN && row.getField(column) != null) {
            return false;
        }
        if (first == '"') {
            return text(column, row);
        }
        if (first == 't' || first == 'f') {
            return word(first == 't' ? "rue" : "alse") && bool(column, first == 't', row);
        }
        at--;
        boolean negative = first == '-';
        return number(negative)
                && ends(json[at])
                && (column == NO_COLUMN || !texts[column] && numeric(column, negative, row));
    }

    private static boolean ends(int behind) {
        return behind == ',' || behind == '}' || behind == ' ' || behind == '\n' || behind == '\r' || behind == '\t';
    }

    /** A number between quotes, the first of which is read. */
    private boolean writtenNumber(int column, GenericRowData row) {
        boolean negative = json[at] == '-';
        return number(negative) && json[at++] == '"' && numeric(column, negative, row);
    }

    private boolean word(String rest) {
        for (int i = 0; i < rest.length(); i++) {
            if (json[at++] != rest.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private boolean bool(int column, boolean value, GenericRowData row) {
        if (column == NO_COLUMN) {
            return true;
        }
        row.setField(column, value);
        return types[column].getTypeRoot() == LogicalTypeRoot.BOOLEAN;
    }

    private boolean text(int column, GenericRowData row) throws Refused {
        if (column != NO_COLUMN && texts[column]) {
            return writtenNumber(column, row);
        }
        int from = at;
        int to = closingQuote();
        if (to < 0) {
            return false;
        }
        if (column == NO_COLUMN) {
            return true;
        }
        if (column == timeColumn && !writtenTime(from, to - from)) {
            return false;
        }
        switch (types[column].getTypeRoot()) {
            case CHAR, VARCHAR -> {
                if (segments == null) {
                    segments = new MemorySegment[] {MemorySegmentFactory.wrap(json)};
                }
                row.setField(column, BinaryStringData.fromAddress(segments, from, to - from));
                return true;
            }
            default -> {
                return false;
            }
        }
    }

    private boolean writtenTime(int from, int length) throws Refused {
        if (length > timeText.length
                || timeFormat != EventTimeFormat.ISO8601 && timeFormat != EventTimeFormat.SQL) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            timeText[i] = (char) json[from + i];
        }
        time = writtenTime.millis(timeText, 0, length);
        return true;
    }

    /** Reads {@code -?(0|[1-9][0-9]*)(\.[0-9]+)?}. */
    private boolean number(boolean negative) {
        int first = negative ? ++at : at;
        digits = 0;
        fraction = 0;
        digits();
        int whole = at - first;
        if (whole == 0 || whole > 1 && json[first] == '0') {
            return false;
        }
        count = whole;
        if (json[at] == '.') {
            at++;
            int point = at;
            digits();
            fraction = at - point;
            count += fraction;
            if (fraction == 0) {
                return false;
            }
        }
        // a zero's sign is of no account to whole numbers, but a DOUBLE keeps it
        return !(negative && digits == 0);
    }

    private void digits() {
        // more digits than a column takes may overflow here
        for (int digit = json[at] - '0'; digit >= 0 && digit <= 9; digit = json[++at] - '0') {
            digits = digits * 10 + digit;
        }
    }

    private boolean numeric(int column, boolean negative, GenericRowData row) {
        // of 19 digits those beyond a long have become negative
        if (count > LONG_DIGITS || digits < 0) {
            return false;
        }
        long signed = negative ? -digits : digits;
        if (column == timeColumn && !epoch(signed)) {
            return false;
        }
        switch (types[column].getTypeRoot()) {
            case BIGINT -> row.setField(column, signed);
            case INTEGER -> row.setField(column, (int) signed);
            // both are exact below 2^53, so the one rounding of the division is the right one
            case DOUBLE -> {
                if (count > MOST_DIGITS) {
                    return false;
                }
                row.setField(column, signed / TEN_TO[fraction]);
            }
            case DECIMAL -> {
                return decimal(column, signed, row);
            }
            default -> {
                return false;
            }
        }
        return switch (types[column].getTypeRoot()) {
            case BIGINT -> fraction == 0;
            case INTEGER -> fraction == 0 && (int) signed == signed;
            default -> true;
        };
    }

    private boolean decimal(int column, long signed, GenericRowData row) {
        DecimalType type = (DecimalType) types[column];
        int missing = type.getScale() - fraction;
        if (missing < 0 || missing > MOST_DIGITS) {
            return false;
        }
        long scale = WHOLE_TEN_TO[missing];
        // precision up to 15 digits: neither the product nor the compact form can overflow
        if (type.getPrecision() > MOST_DIGITS || Math.abs(signed) >= WHOLE_TEN_TO[type.getPrecision()] / scale) {
            return false;
        }
        row.setField(column, DecimalData.fromUnscaledLong(signed * scale, type.getPrecision(), type.getScale()));
        return true;
    }

    private boolean epoch(long value) {
        // times before 1970 and after 9999, and fractions of seconds, are rare enough for the slow way
        if (fraction != 0 || value < 0) {
            return false;
        }
        if (timeFormat == EventTimeFormat.EPOCH_SECONDS && value < 253_402_300_800L) {
            time = value * 1000L;
            return true;
        }
        long inMilli =
                switch (timeFormat) {
                    case EPOCH_MILLIS -> 1L;
                    case EPOCH_MICROS -> 1_000L;
                    case EPOCH_NANOS -> 1_000_000L;
                    default -> 0L;
                };
        if (inMilli == 0 || value / inMilli >= 253_402_300_800_000L) {
            return false;
        }
        time = value / inMilli;
        return true;
    }
}
