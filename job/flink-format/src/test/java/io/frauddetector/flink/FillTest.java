package io.frauddetector.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;

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
        "0.00004, 0",
        "0.00005, 0.0001",
        "1e15, 1000000000000000",
        "123456789.123456789, 123456789.1235",
        "-1e-9, 0"
    })
    void peopleReadNumbersWithoutExponents(String written, String read) {
        assertEquals(read, text("#", Double.parseDouble(written)));
        assertEquals(read, text("#", new BigDecimal(written)));
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
