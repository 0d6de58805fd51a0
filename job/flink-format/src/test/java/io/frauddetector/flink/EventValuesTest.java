package io.frauddetector.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.TimestampData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Set;

/** Each SQL type: what it takes, to the bit, and what it refuses. */
class EventValuesTest {

    private static final String[] KINDS = {
        "\"12.5\"",
        "\"text\"",
        "\"\"",
        "1",
        "-1.5",
        "true",
        "false",
        "{}",
        "{\"a\": 1}",
        "[]",
        "[1]"
    };

    private static Reading column(String type) {
        return Reading.withTime("v " + type);
    }

    private static void assertTakes(String type, String... kinds) {
        Reading reading = column(type);
        for (String kind : KINDS) {
            if (Set.of(kinds).contains(kind)) {
                reading.value(kind);
            } else {
                assertTrue(
                        reading.refusal(kind).startsWith("field 'v': "), () -> type + " " + kind);
            }
        }
    }

    @Test
    void everyTypeTakesItsOwnKindOfValueOnly() {
        assertTakes("STRING", "\"12.5\"", "\"text\"", "\"\"");
        assertTakes("BOOLEAN", "true", "false");
        for (String type : new String[] {"TINYINT", "SMALLINT", "INT", "BIGINT"}) {
            assertTakes(type, "1");
        }
        for (String type : new String[] {"FLOAT", "DOUBLE", "DECIMAL(5, 2)"}) {
            assertTakes(type, "1", "-1.5");
        }
        for (String type : new String[] {"DATE", "TIMESTAMP(3)", "TIMESTAMP_LTZ(3)"}) {
            assertTakes(type);
        }
    }

    @Test
    void refusalsSayWhatWasExpectedAndFound() {
        Map<String, String> found =
                Map.of(
                        "\"12.5\"", "field 'v': expected a number, found a string",
                        "true", "field 'v': expected a number, found a boolean",
                        "{}", "field 'v': expected a number, found an object",
                        "[1]", "field 'v': expected a number, found an array");
        found.forEach((json, reason) -> assertEquals(reason, column("DOUBLE").refusal(json)));
        assertEquals(
                "field 'v': expected true or false, found a string",
                column("BOOLEAN").refusal("\"maybe\""));
        assertEquals(
                "field 'v': expected a string, found an object",
                column("STRING").refusal("{\"a\": [1, {}]}"));
        assertEquals(
                "field 'v': expected a whole number in digits alone, found 12.0",
                column("INT").refusal("12.0"));
        assertEquals(
                "field 'v': expected a whole number in digits alone, found 1e3",
                column("INT").refusal("1e3"));
    }

    @ParameterizedTest
    @CsvSource({
        "TINYINT, -128, 127",
        "SMALLINT, -32768, 32767",
        "INT, -2147483648, 2147483647",
        "BIGINT, -9223372036854775808, 9223372036854775807"
    })
    void wholeNumbersReachToTheirBoundsAndNoFurther(String type, String least, String most) {
        for (String fits : new String[] {least, most, "0", "-0", "7"}) {
            assertEquals(
                    new BigDecimal(fits).longValueExact(),
                    ((Number) column(type).value(fits)).longValue());
        }
        BigDecimal one = BigDecimal.ONE;
        String above = new BigDecimal(most).add(one).toString();
        String below = new BigDecimal(least).subtract(one).toString();
        for (String wide : new String[] {above, below, "1" + "0".repeat(400)}) {
            assertEquals("field 'v': number out of range", column(type).refusal(wide));
        }
        for (String fraction : new String[] {"1.0", "1e0", "1E2", "0.5"}) {
            assertTrue(column(type).refusal(fraction).contains("expected a whole number"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "0.0",
                "-0",
                "-0.0",
                "-0e5",
                "1",
                "0.1",
                "-0.1",
                "900",
                "900.0",
                "123456789012345",
                "0.123456789012345",
                "12345678.1234567",
                "1234567890123456",
                "0.30000000000000004",
                "9007199254740993",
                "4.35",
                "1e3",
                "1E-3",
                "1.7976931348623157e308",
                "4.9e-324",
                "1e-400",
                "179769313486231570000000000000000000000000000000000000000000000000000"
            })
    void doublesAreReadAsJavaReadsThem(String written) {
        assertEquals(Double.parseDouble(written), column("DOUBLE").value(written));
    }

    @Test
    void floatsAreRoundedOnceAndStayFinite() {
        assertEquals(0.1f, column("FLOAT").value("0.1"));
        assertEquals(3.4028235e38f, column("FLOAT").value("3.4028234663852886e38"));
        assertEquals(Float.MAX_VALUE, column("FLOAT").value("3.4028235e38"));
        assertEquals(-Float.MAX_VALUE, column("FLOAT").value("-3.4028235e38"));
        // halfway between two floats as a double, above it as it is written
        assertEquals(1.0000001f, column("FLOAT").value("1.00000005960464477539062500001"));
        assertEquals("field 'v': number out of range", column("FLOAT").refusal("3.4028236e38"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e309", "-1e309", "1e999999999", "1e99999999999999999999"})
    void numbersThatAreTooLargeAreNotInfinite(String written) {
        assertEquals("field 'v': number out of range", column("DOUBLE").refusal(written));
        assertEquals("field 'v': number out of range", column("FLOAT").refusal(written));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "NaN",
                "Infinity",
                "-Infinity",
                "+1",
                ".5",
                "5.",
                "01",
                "-01",
                "-",
                "1e",
                "0x10",
                "1_000",
                "1,5",
                "True",
                "nul",
                "tru",
                "'a'",
                "undefined"
            })
    void whatIsNoJsonValueIsNoJson(String written) {
        for (String type : new String[] {"DOUBLE", "INT", "DECIMAL(5, 2)", "STRING"}) {
            assertEquals(1, column(type).refusal(written).lines().count());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0.00",
        "-0, 0.00",
        "1, 1.00",
        "1.5, 1.50",
        "-1.50, -1.50",
        "999.99, 999.99",
        "1.500000, 1.50",
        "1e2, 100.00",
        "1.2345e2, 123.45",
        "100e-1, 10.00",
        "-999.99, -999.99",
        "0.01, 0.01",
        "0e999999999, 0.00"
    })
    void decimalsAreExact(String written, String expected) {
        assertEquals(
                DecimalData.fromBigDecimal(new BigDecimal(expected), 5, 2),
                column("DECIMAL(5, 2)").value(written));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1000",
                "-1000",
                "1e3",
                "0.001",
                "1.234",
                "999.995",
                "1e999999999",
                "1e-999999999",
                "123456789012345678901234567890"
            })
    void decimalsThatDoNotFitAreRefusedNotRounded(String written) {
        assertEquals(
                "field 'v': number does not fit DECIMAL(5, 2)",
                column("DECIMAL(5, 2)").refusal(written));
    }

    @Test
    void exponentsBeyondAllBoundsAreRefused() {
        for (String written :
                new String[] {"1e99999999999999999999", "12E34567890123456", "-1e-99999999999"}) {
            assertEquals(
                    "field 'v': number does not fit DECIMAL(5, 2)",
                    column("DECIMAL(5, 2)").refusal(written));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'DECIMAL(15, 0)', 999999999999999", "'DECIMAL(15, 15)', 0.999999999999999",
        "'DECIMAL(2, 2)', 0.99", "'DECIMAL(38, 2)', 123456789012345678901234567890123456.78",
        "'DECIMAL(18, 4)', 12345678901234.5678", "'DECIMAL(10)', 1234567890"
    })
    void decimalsOfAnyWidth(String type, String written) {
        BigDecimal expected = new BigDecimal(written);
        DecimalData found = (DecimalData) column(type).value(written);
        assertEquals(0, expected.compareTo(found.toBigDecimal()));
        assertTrue(column(type).refusal("1" + written).contains("does not fit"));
    }

    @Test
    void textKeepsEveryCharacter() {
        Reading reading = column("STRING");
        assertEquals("", reading.value("\"\"").toString());
        assertEquals("a b\u007f", reading.value("\"a b\u007f\"").toString());
        assertEquals(
                "\"\\/\b\f\n\r\t\u20ac",
                reading.value("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u20AC\"").toString());
        assertEquals("Zoë 東京 \uD83D\uDE00", reading.value("\"Zoë 東京 \uD83D\uDE00\"").toString());
        assertEquals("\uD83D\uDE00", reading.value("\"\\ud83d\\ude00\"").toString());
        assertEquals(
                "x".repeat(100_000), reading.value('"' + "x".repeat(100_000) + '"').toString());
    }

    @Test
    void textWithControlCharactersIsNoJson() {
        for (String written :
                new String[] {
                    "\"a\tb\"", "\"a\nb\"", "\"a\u0000b\"", "\"\\x\"", "\"\\u12G4\"", "\"a"
                }) {
            assertTrue(column("STRING").refusal(written).startsWith("not JSON: "), written);
        }
    }

    @Test
    void datesAndTimes() {
        assertEquals(
                (int) LocalDate.of(2024, 2, 29).toEpochDay(),
                column("DATE").value("\"2024-02-29\""));
        for (String wrong :
                new String[] {
                    "\"2023-02-29\"", "\"24-1-1\"", "\"2024-02-29T00:00:00\"", "\"\"", "20240229"
                }) {
            column("DATE").refusal(wrong);
        }
        long millis =
                LocalDateTime.of(2024, 2, 29, 23, 59, 59).toEpochSecond(ZoneOffset.UTC) * 1000;
        assertEquals(
                TimestampData.fromEpochMillis(millis + 120),
                column("TIMESTAMP(3)").value("\"2024-02-29 23:59:59.12\""));
        assertEquals(
                TimestampData.fromEpochMillis(millis - 3_600_000),
                column("TIMESTAMP_LTZ(3)").value("\"2024-02-29T23:59:59+01:00\""));
        // with a blank as SQL writes it, with T as a detector writes it
        for (String written :
                new String[] {"2024-02-29 23:59:59", "2024-02-29T23:59:59", "2024-02-29T23:59:59.000"}) {
            TimestampData expected = TimestampData.fromEpochMillis(millis);
            assertEquals(expected, column("TIMESTAMP(3)").value('"' + written + '"'));
            assertEquals(expected, column("TIMESTAMP_LTZ(3)").value('"' + written + '"'));
            assertEquals(expected, column("TIMESTAMP_LTZ(3)").value('"' + written + "Z\""));
        }
        assertEquals(
                "field 'v': not a time in the form of 2024-01-31T23:59:59.123",
                column("TIMESTAMP(3)").refusal("\"2024-02-29 23:59:59Z\""));
        column("TIMESTAMP(3)").refusal("\"2024-02-29_23:59:59\"");
        column("TIMESTAMP(3)").refusal("\"2024-02-29 23:59\"");
    }
}
