package io.frauddetector.flink;

import java.math.BigInteger;
import org.apache.flink.table.functions.AggregateFunction;

/**
 * What sums of DOUBLE share from which values are taken off again: the total is kept exactly, so what leaves a trailing
 * window leaves no trace, however large it was; Flink's own SUM is 0 after 1e17 + 1 - 1e17. Only what is told is
 * rounded, once, so it depends on no order either.
 */
public abstract class RealTotal extends AggregateFunction<Double, RealTotal.Total> {

    private static final int MANTISSA_BITS = 52;
    private static final int LEAST_EXPONENT = -1074;

    /** As many bits as a double has, one to round by, and one for all that is below. */
    private static final int TOLD_BITS = MANTISSA_BITS + 3;

    /** An exact total: {@code sum}, empty for none, times two to the power of {@code exponent}. */
    public static final class Total {
        public byte[] sum = {};
        public int exponent;
        public long count;
        public long infinite;
        public long negativeInfinite;
        public long noNumbers;
    }

    @Override
    public Total createAccumulator() {
        return new Total();
    }

    public void accumulate(Total total, Double value) {
        if (value != null) {
            change(total, value, 1);
        }
    }

    public void retract(Total total, Double value) {
        if (value != null) {
            change(total, value, -1);
        }
    }

    private static void change(Total total, double value, int by) {
        total.count += by;
        if (Double.isNaN(value)) {
            total.noNumbers += by;
        } else if (value == Double.POSITIVE_INFINITY) {
            total.infinite += by;
        } else if (value == Double.NEGATIVE_INFINITY) {
            total.negativeInfinite += by;
        } else if (value != 0) {
            add(total, value, by);
        }
    }

    private static void add(Total total, double value, int by) {
        long bits = Double.doubleToRawLongBits(value);
        int biased = (int) (bits >>> MANTISSA_BITS) & 0x7FF;
        long mantissa = bits & ((1L << MANTISSA_BITS) - 1) | (biased == 0 ? 0 : 1L << MANTISSA_BITS);
        int zeros = Long.numberOfTrailingZeros(mantissa);
        int exponent = Math.max(biased, 1) - 1 + LEAST_EXPONENT + zeros;
        BigInteger part = BigInteger.valueOf((value < 0 ? -by : by) * (mantissa >>> zeros));
        BigInteger sum = sum(total);
        if (sum.signum() == 0) {
            total.exponent = exponent;
        } else if (exponent > total.exponent) {
            part = part.shiftLeft(exponent - total.exponent);
        } else {
            sum = sum.shiftLeft(total.exponent - exponent);
            total.exponent = exponent;
        }
        total.sum = sum.add(part).toByteArray();
    }

    private static BigInteger sum(Total total) {
        return total.sum.length == 0 ? BigInteger.ZERO : new BigInteger(total.sum);
    }

    @Override
    public Double getValue(Total total) {
        if (total.count == 0) {
            return null;
        }
        if (total.noNumbers > 0 || total.infinite > 0 && total.negativeInfinite > 0) {
            return Double.NaN;
        }
        if (total.infinite > 0 || total.negativeInfinite > 0) {
            return total.infinite > 0 ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
        }
        BigInteger sum = sum(total);
        BigInteger size = sum.abs();
        int below = Math.max(0, size.bitLength() - TOLD_BITS);
        long kept = size.shiftRight(below).longValue();
        // a bit that says that there was more is enough to round by
        boolean more = below > 0 && size.getLowestSetBit() < below;
        double rounded = sum.signum() * (double) (more ? kept | 1 : kept);
        return Math.scalb(told(rounded, total.count), total.exponent + below);
    }

    /** What is told of a total of so many values, but for a power of two. */
    abstract double told(double total, long count);
}
