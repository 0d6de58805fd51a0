package io.frauddetector.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.types.logical.RowType;
import org.junit.jupiter.api.Test;

/** Whatever the quick reader accepts, Jackson must read as the very same row. */
class PlainJsonTest {

    private static final RowType ROW =
            (RowType)
                    DataTypes.ROW(
                                    DataTypes.FIELD("id", DataTypes.BIGINT()),
                                    DataTypes.FIELD("small", DataTypes.INT()),
                                    DataTypes.FIELD("real", DataTypes.DOUBLE()),
                                    DataTypes.FIELD("money", DataTypes.DECIMAL(12, 2)),
                                    DataTypes.FIELD("wide", DataTypes.DECIMAL(30, 10)),
                                    DataTypes.FIELD("yes", DataTypes.BOOLEAN()),
                                    DataTypes.FIELD("name", DataTypes.STRING()),
                                    DataTypes.FIELD("day", DataTypes.DATE()),
                                    DataTypes.FIELD("ts", DataTypes.STRING()))
                            .getLogicalType();

    private static final EventOptions OPTIONS =
            new EventOptions(
                    "ts", EventTimeFormat.ISO8601, ZoneOffset.UTC, 3_600_000, Set.of("id"), 1 << 20);

    private static final List<String> VALUES =
            List.of(
                    "0", "-0", "1", "-1", "01", "1.", ".5", "1.5", "-2.25", "1e3", "1.0", "900.00", "123456789012",
                    "123456789012345", "1234567890123456", "9223372036854775807", "2147483648", "-2147483649",
                    "0.1", "0.30000000000001", "99999999999.99", "9999999999.99", "10000000000.00", "-9999999999.99",
                    "true", "false", "tru", "null", "nul", "\"\"", "\"a\"", "\"caf\u00e9\"", "\"a\\n\"", "\"\\u0041\"",
                    "\"2024-01-31\"", "\"2024-02-30\"", "\"2024-01-31T23:59:59.123Z\"", "\"2024-01-31T23:59:59\"",
                    "\"2024-01-31T24:00:00Z\"", "\"1\"", "{}", "[]", "[1,{\"a\":2}]", "{\"id\":1}", "NaN", "+1", "");

    private final EventDeserializationSchema strict = schema();
    private final PlainJson plain = plain();

    private static EventDeserializationSchema schema() {
        EventDeserializationSchema made =
                new EventDeserializationSchema(ROW, new int[] {-1, 0, -1}, 1, null, OPTIONS);
        made.open(null);
        return made;
    }

    private static PlainJson plain() {
        boolean[] required = new boolean[ROW.getFieldCount()];
        required[0] = true;
        required[ROW.getFieldCount() - 1] = true;
        return new PlainJson(ROW, required, ROW.getFieldCount() - 1, OPTIONS);
    }

    /** Whether the quick reader took the record; if so, Jackson agreed. */
    private boolean check(byte[] message) {
        GenericRowData read = new GenericRowData(ROW.getFieldCount() + 1);
        if (!plain.read(message, read)) {
            return false;
        }
        GenericRowData expected = strict.strictly(message);
        String text = new String(message, StandardCharsets.UTF_8);
        for (int i = 0; i <= ROW.getFieldCount(); i++) {
            assertEquals(String.valueOf(expected.getField(i)), String.valueOf(read.getField(i)), text);
        }
        for (int i = 0; i <= ROW.getFieldCount(); i++) {
            assertEquals(expected.getField(i), read.getField(i), text);
        }
        return true;
    }

    @Test
    void takesAnOrdinaryRecord() {
        assertTrue(
                check(
                        ("{\"id\":7,\"small\":3,\"real\":12.5,\"money\":900.10,\"yes\":true,\"name\":\"x y\","
                                        + " \"other\": \"z\" , \"ts\":\"2024-01-31T23:59:59.123Z\" }\n")
                                .getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void agreesWithJacksonOnMadeUpRecords() {
        Random random = new Random(1);
        int taken = 0;
        for (int i = 0; i < 300_000; i++) {
            taken += check(record(random).getBytes(StandardCharsets.UTF_8)) ? 1 : 0;
        }
        assertTrue(taken > 3_000, taken + " taken");
    }

    @Test
    void agreesWithJacksonOnBrokenBytes() {
        Random random = new Random(2);
        byte[] whole =
                "{\"id\":7,\"small\":3,\"real\":12.5,\"money\":900.10,\"yes\":true,\"name\":\"x\",\"ts\":\"2024-01-31T23:59:59.123Z\"}"
                        .getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 1_000_000; i++) {
            byte[] broken = java.util.Arrays.copyOf(whole, random.nextInt(8) == 0 ? random.nextInt(whole.length) : whole.length);
            for (int n = random.nextInt(3); n >= 0 && broken.length > 0; n--) {
                int place = random.nextInt(broken.length);
                broken[place] = random.nextBoolean() ? (byte) random.nextInt(256) : whole[random.nextInt(whole.length)];
            }
            check(broken);
        }
    }

    private static String record(Random random) {
        StringBuilder json = new StringBuilder("{");
        String[] names = {"id", "small", "real", "money", "wide", "yes", "name", "day", "ts", "other", "i d"};
        int count = 2 + random.nextInt(5);
        for (int i = 0; i < count; i++) {
            String name = i == 0 ? "id" : i == 1 ? "ts" : names[random.nextInt(names.length)];
            String value = VALUES.get(random.nextInt(VALUES.size()));
            if (random.nextInt(3) > 0 && i < 2) {
                value = i == 0 ? "5" : "\"2024-01-31T23:59:59.123Z\"";
            }
            String blank = random.nextInt(6) == 0 ? " \n\t" : "";
            json.append(i > 0 ? "," : "").append(blank).append('"').append(name).append('"').append(blank)
                    .append(':').append(blank).append(value).append(blank);
        }
        return json.append(random.nextInt(20) == 0 ? "}x" : "}").toString();
    }
}
