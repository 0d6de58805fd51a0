package io.frauddetector.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.apache.flink.table.data.DecimalData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.math.BigDecimal;

/** What a column says of its place, of numbers as text and of values that it can't hold. */
class ColumnOptionsTest {

    private static Reading text(String type) {
        return Reading.withTime("v " + type).asText("v");
    }

    private static DecimalData decimal(String value, int precision, int scale) {
        return DecimalData.fromBigDecimal(new BigDecimal(value), precision, scale);
    }

    @Test
    void numbersWrittenAsTextAreNumbersOfTheirType() {
        assertEquals(decimal("950.00", 10, 2), text("DECIMAL(10, 2)").value("\"950.00\""));
        assertEquals(decimal("-0.50", 10, 2), text("DECIMAL(10, 2)").value("\"-0.5\""));
        assertEquals(decimal("1200.00", 10, 2), text("DECIMAL(10, 2)").value("\"1.2e3\""));
        assertEquals(7, text("INT").value("\"7\""));
        assertEquals((byte) -128, text("TINYINT").value("\"-128\""));
        assertEquals((short) 300, text("SMALLINT").value("\"300\""));
        assertEquals(Long.MAX_VALUE, text("BIGINT").value("\"9223372036854775807\""));
        assertEquals(0.1, text("DOUBLE").value("\"0.1\""));
        assertEquals(-0.0, text("DOUBLE").value("\"-0\""));
        assertEquals(0.1f, text("FLOAT").value("\"0.1\""));
        assertEquals(7, text("INT").value("\"\\u0037\""), "however the text is written");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", " ", " 1", "1 ", "+1", "01", "-01", "1,000", "1.000,00", "1_000", "0x10", "NaN", "Infinity",
                "-", ".5", "5.", "1e", "1e+", "e3", "1d", "1f", "1L", "--1", "n/a", "١", "１", "1\\n", "null"
            })
    void textThatIsNoNumberOfJsonIsRefused(String written) {
        for (String type : new String[] {"DECIMAL(10, 2)", "INT", "BIGINT", "DOUBLE", "FLOAT"}) {
            String refusal = text(type).refusal('"' + written + '"');
            assertTrue(refusal.contains("written as text, such as \"950.00\", found other text"), refusal);
        }
    }

    @Test
    void whatIsNotTextIsRefusedByName() {
        assertEquals(
                "field 'v': expected a number written as text, as declared, found a number",
                text("DECIMAL(10, 2)").refusal("950.00"));
        assertEquals(
                "field 'v': expected a whole number written as text, as declared, found a boolean",
                text("INT").refusal("true"));
        assertEquals("field 'v': number out of range", text("INT").refusal("\"2147483648\""));
        assertEquals(
                "field 'v': number does not fit DECIMAL(5, 2)",
                text("DECIMAL(5, 2)").refusal("\"1000\""));
        assertEquals(
                "field 'v': number of more than 1000 characters",
                text("DECIMAL(5, 2)").refusal('"' + "1".repeat(1001) + '"'));
    }

    @ParameterizedTest
    @CsvSource({
        "0.30000000000000004, 0.30", "0.005, 0.01", "-0.005, -0.01", "0.0049999, 0.00", "999.994, 999.99",
        "1e-999999999, 0.00", "-1e-400, 0.00", "1.5, 1.50", "123.455, 123.46", "0.09, 0.09", "0.0099, 0.01"
    })
    void tooManyPlacesAreRoundedHalfUpWhereThatIsDeclared(String written, String expected) {
        Reading reading = Reading.withTime("v DECIMAL(5, 2)").rounded("v");
        assertEquals(decimal(expected, 5, 2), reading.value(written));
        assertEquals(decimal(expected, 5, 2), Reading.withTime("v DECIMAL(5, 2)").rounded("v").asText("v").value('"' + written + '"'));
    }

    @Test
    void roundingDoesNotMakeRoom() {
        Reading reading = Reading.withTime("v DECIMAL(5, 2)").rounded("v");
        for (String wide : new String[] {"1000", "999.995", "-999.999", "1e999999999"}) {
            assertEquals("field 'v': number does not fit DECIMAL(5, 2)", reading.refusal(wide));
        }
        Reading whole = Reading.withTime("v TINYINT").rounded("v");
        assertEquals((byte) 127, whole.value("127.4"));
        assertEquals((byte) 13, whole.value("12.5"));
        assertEquals((byte) -13, whole.value("-12.5"));
        assertEquals((byte) 0, whole.value("1e-999999999"));
        assertEquals((byte) 100, whole.value("1e2"));
        for (String wide : new String[] {"127.5", "1e999999999", "128", "1e19", "1e20"}) {
            assertEquals("field 'v': number out of range", whole.refusal(wide));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1000", "0.001", "\"5\"", "true", "{\"a\": [1]}", "[1, {}]", "1e999999999"})
    void whatDoesNotFitIsNullWhereThatIsDeclared(String written) {
        Reading reading = Reading.withTime("v DECIMAL(5, 2)", "other STRING").nulled("v");
        Reading.Read read = reading.read("{\"v\": " + written + ", \"other\": \"a\", \"at\": 1000}").accepted();
        assertNull(read.value("v"));
        assertEquals("a", read.value("other").toString());
    }

    @Test
    void whatComesTwiceIsNullWhereThatIsDeclared() {
        Reading reading = Reading.of("other STRING").column("at BIGINT").column("v INT").nulled("v");
        for (String many : new String[] {"1, \"v\": 2", "\"x\", \"v\": 2", "1, \"v\": \"x\"", "1, \"v\": 2, \"v\": 3"}) {
            assertNull(reading.read("{\"other\": \"a\", \"at\": 5, \"v\": " + many + "}").accepted().value("v"));
        }
        assertEquals(2, reading.read("{\"other\": \"a\", \"at\": 5, \"v\": null, \"v\": 2}").accepted().value("v"));
        assertEquals(3, reading.read("{\"other\": \"a\", \"at\": 5, \"v\": 3}").accepted().value("v"), "one does not spoil the next");
    }

    @Test
    void aRequiredColumnThatBecomesNullIsThere() {
        Reading reading = Reading.withTime("v INT").nulled("v");
        assertNull(reading.read("{\"v\": \"x\", \"at\": 5}").accepted().value("v"));
        assertEquals("field 'v' is missing or null", reading.read("{\"at\": 5}").refusal());
        assertEquals("field 'v' is missing or null", reading.read("{\"v\": null, \"at\": 5}").refusal());
    }

    private static Reading envelope() {
        return Reading.of("op STRING")
                .column("id BIGINT")
                .column("amount DECIMAL(10, 2)")
                .column("before_amount DECIMAL(10, 2)")
                .column("lsn BIGINT")
                .column("at BIGINT")
                .path("id", "after.id")
                .path("amount", "after.amount")
                .path("before_amount", "before.amount")
                .path("lsn", "source.position.lsn")
                .path("at", "source.ts_ms")
                .asText("amount", "before_amount");
    }

    @Test
    void nestedFieldsAreReachedByTheirPath() {
        Reading.Read read =
                envelope()
                        .read(
                                "{\"before\": null, \"id\": 9, \"after\": {\"id\": 1, \"more\": {\"id\": 7},"
                                    + " \"amount\": \"950.00\"}, \"source\": {\"ts_ms\": 1000, \"id\": 5,"
                                    + " \"position\": {\"lsn\": 3}}, \"op\": \"c\"}")
                        .accepted();
        assertEquals("c", read.value("op").toString());
        assertEquals(1L, read.value("id"));
        assertEquals(decimal("950.00", 10, 2), read.value("amount"));
        assertNull(read.value("before_amount"));
        assertEquals(3L, read.value("lsn"));
        assertEquals(1000L, read.time());
    }

    @Test
    void objectsThatAreNotThereAreNull() {
        Reading.Read read =
                envelope().read("{\"op\": \"d\", \"after\": null, \"source\": {\"ts_ms\": 5}}").accepted();
        assertNull(read.value("id"));
        assertNull(read.value("lsn"));
        assertEquals("field 'source.ts_ms' is missing or null", envelope().read("{\"op\": \"d\"}").refusal());
    }

    @Test
    void refusalsNameThePath() {
        String time = "\"source\": {\"ts_ms\": 5}}";
        assertEquals(
                "field 'after.id': expected a whole number, found a string",
                envelope().read("{\"op\": \"c\", \"after\": {\"id\": \"x\"}, " + time).refusal());
        assertEquals(
                "field 'after': expected an object, found a string",
                envelope().read("{\"op\": \"c\", \"after\": \"x\", " + time).refusal());
        assertEquals(
                "field 'after': expected an object, found an array",
                envelope().read("{\"op\": \"c\", \"after\": [{\"id\": 1}], " + time).refusal());
        assertEquals(
                "field 'after' comes twice",
                envelope().read("{\"op\": \"c\", \"after\": {\"id\": 1}, \"after\": {}, " + time).refusal());
        assertEquals(
                "field 'after.id' comes twice",
                envelope().read("{\"op\": \"c\", \"after\": {\"id\": 1, \"id\": 1}, " + time).refusal());
    }

    @Test
    void anObjectOfColumnsThatMayBeNullMayBeAnything() {
        Reading reading = envelope().nulled("id", "amount");
        Reading.Read read =
                reading.read("{\"op\": \"c\", \"after\": [{\"id\": 1}], \"source\": {\"ts_ms\": 5}}").accepted();
        assertNull(read.value("id"));
        assertEquals(5L, read.time());
    }

    @Test
    void aFlatPathIsAnotherName() {
        Reading reading = Reading.withTime("id STRING").path("id", "_id");
        assertEquals("a", reading.read("{\"_id\": \"a\", \"id\": 5, \"at\": 5}").accepted().value("id").toString());
        assertEquals("field '_id' is missing or null", reading.read("{\"id\": \"a\", \"at\": 5}").refusal());
    }
}
