package io.frauddetector.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.apache.flink.table.data.GenericRowData;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * The quick reading and the strict one must say the same of every record, whatever is done to it.
 */
class PlainJsonTest {

    private static final String[] VALUES = {
        "0",
        "1",
        "-1",
        "-0",
        "00",
        "01",
        "12.5",
        "-12.50",
        "0.10",
        "12.",
        ".5",
        "1e3",
        "1E-2",
        "123456789012345",
        "1234567890123456",
        "2147483647",
        "2147483648",
        "-2147483649",
        "9223372036854775807",
        "999.99",
        "1000.00",
        "0.001",
        "0.999999999999999",
        "253402300799",
        "253402300800",
        "1706745599123",
        "1706745599123456",
        "1706745599123456789",
        "9223372036854775808",
        "-9223372036854775808",
        "253402300799999999",
        "12345678901234567890123",
        "0.1234567890123456789",
        "\"950.00\"",
        "\"-7\"",
        "\"-0\"",
        "\"1e3\"",
        "\"007\"",
        "\"+1\"",
        "\" 1\"",
        "\"1 \"",
        "\"1,000.00\"",
        "\"0x10\"",
        "\"NaN\"",
        "\"1706745599123456\"",
        "\"2024-01-31T23:59Z\"",
        "\"\"",
        "\"a\"",
        "\"a b\"",
        "\"a\\n\"",
        "\"\\u00e4\"",
        "\"ä\"",
        "\"\u0001\"",
        "\"2024-01-31T23:59:59.123Z\"",
        "\"2024-01-31 23:59:59\"",
        "\"2024-02-30T00:00:00Z\"",
        "\"2024-01-31\"",
        "\"9999-01-01T00:00:00Z\"",
        "true",
        "false",
        "null",
        "nul",
        "tru",
        "falsey",
        "{}",
        "[]",
        "[1, 2]",
        "{\"at\": 5}",
        "NaN",
        "-",
        "+1",
        ""
    };

    private static final String[] NAMES = {
        "s", "i", "l", "d", "m", "w", "b", "day", "ts", "at", "x", "", "S", "\\u0073", "at ",
        "tm", "ti", "td", "r", "rt", "u", "un", "short", "of"
    };
    private static final String[] BLANKS = {"", "", "", "", " ", "\n", "\t ", "\r"};
    private static final String BYTES = "{}[]\",:\\ 0123456789-+.eEtrufalsn\u0000\u001f\u007fé";

    private static Reading stream(EventTimeFormat format) {
        String at =
                format == EventTimeFormat.ISO8601 || format == EventTimeFormat.SQL
                        ? "at STRING"
                        : "at BIGINT";
        return Reading.of("s STRING")
                .column(at)
                .column("i INT")
                .column("l BIGINT")
                .column("d DOUBLE")
                .column("m DECIMAL(5, 2)")
                .column("w DECIMAL(20, 2)")
                .column("b BOOLEAN")
                .column("day DATE")
                .column("ts TIMESTAMP(3)")
                .column("tm DECIMAL(7, 2)")
                .column("ti INT")
                .column("td DOUBLE")
                .column("r DECIMAL(5, 1)")
                .column("rt BIGINT")
                .column("u DECIMAL(4, 2)")
                .column("un STRING")
                .column("short SMALLINT")
                .column("renamed FLOAT")
                .path("renamed", "of")
                .asText("tm", "ti", "td", "rt")
                .rounded("r", "rt")
                .nulled("u", "un", "ts", "short")
                .time(format);
    }

    private static String good(Random random, EventTimeFormat format) {
        String at =
                switch (format) {
                    case ISO8601 -> "\"2024-01-31T23:59:59." + random.nextInt(1000) + "Z\"";
                    case SQL -> "\"2024-01-31 23:59:" + (10 + random.nextInt(50)) + "\"";
                    case EPOCH_SECONDS -> String.valueOf(random.nextInt(2_000_000_000));
                    case EPOCH_MILLIS -> String.valueOf(random.nextInt(2_000_000_000) * 700L);
                    case EPOCH_MICROS -> String.valueOf(random.nextInt(2_000_000_000) * 700_001L);
                    case EPOCH_NANOS -> String.valueOf(random.nextInt(2_000_000_000) * 700_000_001L);
                };
        List<String> fields = new ArrayList<>();
        fields.add(field(random, "s", "\"s" + random.nextInt(100) + "\""));
        fields.add(field(random, "at", at));
        if (random.nextBoolean()) {
            fields.add(field(random, "i", String.valueOf(random.nextInt())));
            fields.add(field(random, "l", String.valueOf(random.nextLong() >> random.nextInt(64))));
            fields.add(field(random, "d", String.valueOf(random.nextInt(1_000_000) / 100.0)));
            fields.add(field(random, "m", random.nextInt(1000) + "." + random.nextInt(100)));
            fields.add(field(random, "w", "-" + random.nextInt(1000)));
            fields.add(field(random, "b", String.valueOf(random.nextBoolean())));
            fields.add(field(random, "tm", "\"" + random.nextInt(100_000) / 100.0 + "\""));
            fields.add(field(random, "r", random.nextInt(1000) + "." + random.nextInt(1000)));
            fields.add(field(random, "u", String.valueOf(random.nextInt(200_000) / 1000.0)));
        }
        while (random.nextInt(3) == 0) {
            fields.add(field(random, pick(random, NAMES), pick(random, VALUES)));
        }
        if (random.nextInt(4) == 0) {
            Collections.shuffle(fields, random);
        }
        String blank = pick(random, BLANKS);
        return blank
                + "{"
                + String.join(blank + ",", fields)
                + pick(random, BLANKS)
                + "}"
                + pick(random, BLANKS);
    }

    private static String field(Random random, String name, String value) {
        return pick(random, BLANKS)
                + '"'
                + name
                + '"'
                + pick(random, BLANKS)
                + ":"
                + pick(random, BLANKS)
                + value;
    }

    private static String pick(Random random, String[] from) {
        return from[random.nextInt(from.length)];
    }

    /** Takes a piece out, puts one in, cuts the end off. */
    private static String damaged(Random random, String record) {
        int at = random.nextInt(record.length());
        return switch (random.nextInt(4)) {
            case 0 -> record.substring(0, at);
            case 1 -> record.substring(0, at) + record.substring(at + 1);
            case 2 ->
                    record.substring(0, at)
                            + BYTES.charAt(random.nextInt(BYTES.length()))
                            + record.substring(at);
            default ->
                    record.substring(0, at)
                            + BYTES.charAt(random.nextInt(BYTES.length()))
                            + record.substring(at + 1);
        };
    }

    @ParameterizedTest
    @EnumSource
    void agreesWithTheStrictReading(EventTimeFormat format) {
        Random random = new Random(format.ordinal());
        EventDeserializationSchema quick = stream(format).schema();
        EventDeserializationSchema strict = stream(format).schema();
        int accepted = 0;
        for (int i = 0; i < 30_000; i++) {
            String record = good(random, format);
            if (random.nextInt(3) == 0) {
                record = damaged(random, record);
            }
            byte[] bytes = record.getBytes(StandardCharsets.UTF_8);
            GenericRowData found = (GenericRowData) quick.deserialize(bytes);
            GenericRowData expected = strictly(strict, bytes);
            assertEquals(expected, found, record);
            accepted += found.getField(found.getArity() - 2) == null ? 1 : 0;
        }
        assertTrue(accepted > 6_000 && accepted < 24_000, "both kinds must come: " + accepted);
    }

    private static GenericRowData strictly(EventDeserializationSchema schema, byte[] record) {
        return (GenericRowData) schema.finished(schema.strictly(record), record);
    }
}
