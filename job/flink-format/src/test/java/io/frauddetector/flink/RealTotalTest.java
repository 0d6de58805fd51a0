package io.frauddetector.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Sums of DOUBLE from which values leave again. */
class RealTotalTest {

    private static final double MOST = Double.MAX_VALUE;

    private static Double of(RealTotal function, double[] came, double... left) {
        RealTotal.Total total = function.createAccumulator();
        for (double one : came) {
            function.accumulate(total, one);
        }
        for (double one : left) {
            function.retract(total, one);
        }
        return function.getValue(total);
    }

    private static Double sum(double[] came, double... left) {
        return of(new RealSum(), came, left);
    }

    private static double[] came(double... values) {
        return values;
    }

    @Test
    void whatLeavesLeavesNoTrace() {
        assertEquals(0.03, sum(came(1e17, 0.01, 0.02), 1e17));
        assertEquals(1.0, sum(came(1e308, 1, 1e308), 1e308, 1e308));
        assertEquals(Double.MIN_VALUE, sum(came(MOST, Double.MIN_VALUE), MOST));
        assertEquals(0.0, sum(came(0.1, -0.1)));
        assertEquals(-2.5, sum(came(-2.5, 1e300, -1e300, 7), 7));
        assertEquals(1.5, of(new RealAvg(), came(1e17, 1, 2), 1e17));
    }

    @Test
    void itIsRoundedOnceWhateverTheOrder() {
        // ten times the double next to 0.1 is nearer to 1 than to its neighbours; added one by one it is 0.999...
        assertEquals(1.0, sum(came(.1, .1, .1, .1, .1, .1, .1, .1, .1, .1)));
        // between 2^53 and 2^53 + 2 the even one; a little more goes up
        assertEquals(9007199254740992.0, sum(came(9007199254740992.0, 1)));
        assertEquals(9007199254740994.0, sum(came(1e-300, 9007199254740992.0, 1)));
    }

    @Test
    void nothingIsTheSumOfNothing() {
        assertNull(sum(came()));
        assertNull(sum(came(5), 5));
        assertEquals(0.0, sum(came(0.0)));
        RealSum function = new RealSum();
        RealTotal.Total total = function.createAccumulator();
        function.accumulate(total, null);
        assertNull(function.getValue(total));
    }

    @Test
    void infinityLeavesToo() {
        double most = Double.POSITIVE_INFINITY;
        assertEquals(most, sum(came(MOST, MOST)));
        assertEquals(-MOST, sum(came(-MOST, -MOST), -MOST));
        assertEquals(MOST, of(new RealAvg(), came(MOST, MOST)));
        assertEquals(most, sum(came(1, most)));
        assertEquals(-most, sum(came(1, -most)));
        assertEquals(1.0, sum(came(1, most, -most, Double.NaN), most, -most, Double.NaN));
        assertEquals(Double.NaN, sum(came(1, most, -most)));
        assertEquals(Double.NaN, sum(came(1, most, Double.NaN)));
    }

    @Test
    void itIsWhatDecimalsSay() {
        Random random = new Random(5);
        RealSum function = new RealSum();
        RealTotal.Total total = function.createAccumulator();
        Deque<Double> window = new ArrayDeque<>();
        BigDecimal exact = BigDecimal.ZERO;
        for (int i = 0; i < 20_000; i++) {
            if (window.isEmpty() || random.nextInt(100) < 55) {
                double value = Math.scalb(random.nextDouble() - 0.5, random.nextInt(600) - 300);
                function.accumulate(total, value);
                window.addLast(value);
                exact = exact.add(new BigDecimal(value));
            } else {
                double value = window.removeFirst();
                function.retract(total, value);
                exact = exact.subtract(new BigDecimal(value));
            }
            if (!window.isEmpty() && i % 20 == 0) {
                assertEquals(exact.doubleValue(), function.getValue(total));
            }
        }
    }
}
