package io.frauddetector.flink;

/** {@code real_avg(amount)}: the average of exactly summed DOUBLE values. */
public final class RealAvg extends RealTotal {

    @Override
    double told(double total, long count) {
        return total / count;
    }
}
