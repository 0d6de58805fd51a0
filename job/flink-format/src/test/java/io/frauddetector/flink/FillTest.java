package io.frauddetector.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Random;

/** Texts and JSON made of templates and values. */
class FillTest {

    private static String text(String template, Object... values) {
        return new FillText().eval(template, values);
    }

    private static String json(String template, Object... values) {
        FillJson function = new FillJson();
        function.open(null);
        return function.eval(template, values);
    }

    @Test
    void placesAreFilledInOrder() {
        assertEquals("a 1, b x!", text("a #, b #!", 1L, "x"));
        assertEquals("12", text("##", 1, 2));
        assertEquals("1", text("#", 1));
        assertEquals(
                "{\"a\":1,\"b\":[\"x\",true],\"c\":[1, 2]}",
                json("{\"a\":?,\"b\":[?,?],\"c\":$}", 1, "x", true, "[1, 2]"));
    }

    @Test
    void whatIsTooLargeForARecordHasItsTextsCut() {
        String note = "x".repeat(2_000_000);
        String cut = "x".repeat(1000) + "…";
        assertEquals(
                "{\"a\":\"" + cut + "\",\"b\":\"" + cut + "\",\"c\":7,\"ids\":[]}",
                json("{\"a\":?,\"b\":?,\"c\":?,\"ids\":$}", note, note, 7, "[" + "1,".repeat(20_000) + "1]"));
        assertEquals("{\"a\":\"" + note + "\"}", json("{\"a\":?}", note));
    }

    @Test
    void markersCanStandForThemselves() {
        assertEquals("#1#2#", text("\\##\\##\\#", 1, 2));
        assertEquals("1#", text("#\\#", 1));
        assertEquals("\\1 back\\slash", text("\\\\# back\\\\slash", 1));
        assertEquals("what? 5$ 7", text("what? 5$ #", 7));
        assertEquals(
                "{\"?\":\"$\\n\\\"#\",\"x\":7}", json("{\"\\?\":\"\\$\\\\n\\\\\"#\",\"x\":?}", 7));
    }

    @Test
    void valuesAreNeverReadAsTemplates() {
        assertEquals("# and \\#", text("# and #", "#", "\\#"));
        assertEquals("[\"?\",\"$\"]", json("[?,?]", "?", "$"));
    }

    @Test
    void aFunctionFollowsItsTemplate() {
        FillText function = new FillText();
        assertEquals("a 1", function.eval("a #", 1));
        assertEquals("b 2", function.eval("b #", 2));
        assertEquals("b 3", function.eval("b #", 3));
        FillJson other = new FillJson();
        other.open(null);
        assertEquals("[1]", other.eval("[?]", 1));
        assertEquals("{\"a\":2}", other.eval("{\"a\":?}", 2));
    }

    @Test
    void whatIsNotThereIsSaidToBeNull() {
        assertEquals("null and null", text("# and #", null, null));
        assertEquals("[null,null]", json("[?,$]", null, null));
    }

    @ParameterizedTest
    @CsvSource({
        "900, 900",
        "900.0, 900",
        "900.50, 900.5",
        "1234567.5, 1234567.5",
        "0.1, 0.1",
        "-0.0, 0",
        "0.00004, 0.00004",
        "900.0000001, 900.0000001",
        "1e15, 1000000000000000",
        "123456789.125, 123456789.125",
        "-1e-9, -0.000000001",
        "9007199254740993e3, 9007199254740993000",
        "2e23, 200000000000000000000000",
        "8.41e21, 8410000000000000000000",
        "1.5e300, 1.5E+300",
        "-2.5e-30, -2.5E-30"
    })
    void peopleReadNumbersWithoutExponents(String written, String read) {
        assertEquals(read, text("#", Double.parseDouble(written)));
        assertEquals(read, text("#", new BigDecimal(written)));
    }

    @Test
    void peopleReadEveryDigitThatTellsANumberFromTheNext() {
        assertEquals("0.30000000000000004", text("#", 0.1 + 0.2));
        assertEquals("28.333333333333332", text("#", 85 / 3.0));
        assertEquals("28.333333", text("#", new BigDecimal("28.333333")));
        assertEquals("900.0000000000001", text("#", Math.nextUp(900.0)));
        assertEquals("180000000000000000001.5", text("#", new BigDecimal("180000000000000000001.500")));
        assertEquals("16777216 0.1 3.4028234", text("# # #", 16777216f, 0.1f, 3.4028235f));
        Random random = new Random(1);
        for (int i = 0; i < 100_000; i++) {
            double value = Double.longBitsToDouble(random.nextLong());
            if (Double.isFinite(value)) {
                assertEquals(value + 0.0, Double.parseDouble(text("#", value)));
            }
            float single = Float.intBitsToFloat(random.nextInt());
            if (Float.isFinite(single)) {
                assertEquals(single + 0.0f, Float.parseFloat(text("#", single)));
            }
        }
    }

    @Test
    void peopleReadTheRestAsItIs() {
        assertEquals("NaN Infinity", text("# #", Double.NaN, Double.POSITIVE_INFINITY));
        assertEquals(
                "0.1 7 true 2024-02-29",
                text("# # # #", 0.1f, (byte) 7, true, LocalDate.of(2024, 2, 29)));
        assertEquals(
                "2024-02-29T23:59:59.120Z 1970-01-01T00:00:00.000Z",
                text("# #", LocalDateTime.of(2024, 2, 29, 23, 59, 59, 120_999_999), Instant.EPOCH));
        assertEquals("[1, null]", text("#", (Object) new Integer[] {1, null}));
    }

    @Test
    void jsonKeepsNumbersAsTheyAre() {
        assertEquals(
                "[900.50,1.0E-7,1234567.5,-0.0]",
                json("[?,?,?,?]", new BigDecimal("900.50"), 1e-7, 1234567.5, -0.0));
        assertEquals(
                "[1000,null,null]",
                json("[?,?,?]", new BigDecimal("1e3"), Double.NaN, Float.NEGATIVE_INFINITY));
        assertEquals(
                "[127,-5,9223372036854775807]",
                json("[?,?,?]", (byte) 127, (short) -5, Long.MAX_VALUE));
    }

    @Test
    void jsonEscapesText() {
        assertEquals(
                "[\"a\\\"b\\\\c\\n\\u0001é\uD83D\uDE00\"]",
                json("[?]", "a\"b\\c\n\u0001é\uD83D\uDE00"));
    }
}
