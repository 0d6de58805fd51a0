package io.frauddetector.flink;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * {@code wide_sum(amount, told)}: an exact sum, told in the type of {@code told}.
 *
 * <p>It is rounded away from zero, so that a sum above a threshold of as many places stays above it, and one that
 * is not zero does not become zero.
 */
public final class WideSum extends WideTotal {

    @Override
    BigDecimal value(BigDecimal exact, Total total) {
        return exact.setScale(total.places, RoundingMode.UP);
    }
}
