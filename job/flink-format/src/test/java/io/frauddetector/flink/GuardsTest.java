package io.frauddetector.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.stream.Stream;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.functions.FunctionContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Guards let pass what can't fail, give up what can, and don't mind that nobody can be told. */
class GuardsTest {

    private static final FunctionContext NOBODY =
            new FunctionContext(null, GuardsTest.class.getClassLoader(), null);

    private static Object nonzero(Object divisor) {
        NonZero function = new NonZero();
        function.open(NOBODY);
        try {
            return function.eval("rule r", "/ b", null, divisor);
        } finally {
            function.close();
        }
    }

    static Stream<Object> zeros() {
        return Stream.of((byte) 0, (short) 0, 0, 0L, 0.0f, -0.0, DecimalData.fromBigDecimal(new BigDecimal("0.00"), 10, 2));
    }

    static Stream<Object> others() {
        return Stream.of((byte) 1, -1, Long.MIN_VALUE, Double.MIN_VALUE, Double.NaN, DecimalData.fromBigDecimal(new BigDecimal("0.01"), 10, 2));
    }

    @ParameterizedTest
    @MethodSource("zeros")
    void nothingIsDividedByZero(Object zero) {
        assertNull(nonzero(zero));
    }

    @ParameterizedTest
    @MethodSource("others")
    void otherDivisorsPass(Object divisor) {
        assertEquals(divisor, nonzero(divisor));
    }

    @Test
    void oneFunctionMayServeSeveralConditions() {
        NonZero function = new NonZero();
        function.open(NOBODY);
        function.open(NOBODY);
        function.close();
        assertNull(function.eval("rule r", "/ b", null, 0), "the other one still uses it");
        function.close();
        function.close();
    }

    @Test
    void unknownStaysUnknown() {
        assertNull(nonzero(null));
    }

    @Test
    void aTextIsNotRepeatedWithoutEnd() {
        Room function = new Room();
        function.open(NOBODY);
        assertEquals(1000, function.eval("rule r", "REPEAT(a, n)", "e1", 1000L, 3));
        assertEquals(-1, function.eval("rule r", "REPEAT(a, n)", "e1", -1L, 3));
        assertEquals(5, function.eval("rule r", "REPEAT(a, n)", "e1", 5L, 0));
        assertNull(function.eval("rule r", "REPEAT(a, n)", "e1", 400_000L, 3));
        assertNull(function.eval("rule r", "ROUND(a, n)", "e1", Long.MIN_VALUE, 1));
        assertNull(function.eval("rule r", "REPEAT(a, n)", "e1", null, 3));
        function.close();
    }

    @Test
    void aRowThatIsOnlyWatchedStaysWhatItIs() {
        WatchKey function = new WatchKey();
        function.open(NOBODY);
        assertEquals(7L, function.eval("output o", 1, "k", 7L));
        assertEquals(7L, function.eval("output o", 2, "k", null, 7L));
        assertNull(function.eval("output o", 1, null, null));
        function.close();
    }

    @Test
    void aRowNeedsItsKeyAndASizeThatKafkaTakes() {
        Writable function = new Writable();
        function.open(NOBODY);
        StringData small = StringData.fromString("abc");
        StringData quotes = StringData.fromString("\"".repeat(4 << 20));
        assertTrue(function.eval("output o", 1, small, null));
        assertTrue(function.eval("output o", 0, null, null));
        assertFalse(function.eval("output o", 1, null, small));
        assertTrue(function.eval("output o", 1, small, quotes));
        assertFalse(function.eval("output o", 1, small, quotes, quotes));
        function.close();
    }
}
