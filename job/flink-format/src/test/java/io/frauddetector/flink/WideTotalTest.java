package io.frauddetector.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.math.BigDecimal;
import java.util.List;
import org.junit.jupiter.api.Test;

class WideTotalTest {

    private static WideTotal.Total total(WideTotal function, int places, String... values) {
        WideTotal.Total total = function.createAccumulator();
        for (String value : values) {
            function.accumulate(total, new BigDecimal(value), BigDecimal.ZERO.setScale(places));
        }
        return total;
    }

    private static String sum(int places, String... values) {
        WideSum function = new WideSum();
        return function.getValue(total(function, places, values)).toPlainString();
    }

    @Test
    void aSumThatNeedsMoreDigitsThanItsValuesIsToldExactly() {
        String value = "60000000000000000000.500000000000000000";
        assertEquals("180000000000000000001.500000000", sum(9, value, value, value));
    }

    @Test
    void aSumIsRoundedAwayFromZero() {
        assertEquals("0.000000001", sum(9, "0.000000000000000001"));
        assertEquals("-0.000000001", sum(9, "-0.000000000000000001"));
        assertEquals("10000.000000001", sum(9, "9999.999999999999999999", "0.000000000000000002"));
        assertEquals("10000.000000000", sum(9, "9999.999999999999999999", "0.000000000000000001"));
    }

    @Test
    void aSumThatNoDecimalHoldsIsTheLargestOfItsSign() {
        String most = "9".repeat(38);
        assertEquals(most, sum(0, most, most));
        assertEquals("-" + most, sum(0, "-" + most, "-1"));
        assertEquals("9".repeat(36) + ".99", sum(2, "9".repeat(36) + ".99", "0.01"));
    }

    @Test
    void whatLeavesATotalLeavesNothingBehind() {
        WideSum function = new WideSum();
        String most = "9".repeat(38);
        WideTotal.Total total = total(function, 0, most, most, "5");
        function.retract(total, new BigDecimal(most), BigDecimal.ZERO);
        function.retract(total, new BigDecimal(most), BigDecimal.ZERO);
        assertEquals("5", function.getValue(total).toPlainString());
        function.retract(total, new BigDecimal("5"), BigDecimal.ZERO);
        assertNull(function.getValue(total));
    }

    @Test
    void nullsDoNotCount() {
        WideAvg function = new WideAvg();
        WideTotal.Total total = total(function, 2, "1.00", "2.00");
        function.accumulate(total, null, BigDecimal.ZERO);
        function.retract(total, null, BigDecimal.ZERO);
        assertEquals("1.50", function.getValue(total).toPlainString());
        assertNull(function.getValue(function.createAccumulator()));
    }

    @Test
    void theAverageOfTheLargestIsTheLargest() {
        WideAvg function = new WideAvg();
        String most = "9".repeat(38);
        assertEquals(most, function.getValue(total(function, 0, most, most, most)).toPlainString());
    }

    @Test
    void partsOfATotalMakeTheWhole() {
        WideSum function = new WideSum();
        WideTotal.Total whole = function.createAccumulator();
        WideTotal.Total none = function.createAccumulator();
        function.merge(
                whole, List.of(total(function, 1, "1.50"), none, total(function, 1, "2.25", "3.25")));
        assertEquals("7.0", function.getValue(whole).toPlainString());
        assertEquals(3, whole.count);
    }
}
