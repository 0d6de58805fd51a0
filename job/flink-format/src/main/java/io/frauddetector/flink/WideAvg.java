package io.frauddetector.flink;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** {@code wide_avg(amount, told)}: the average of exactly summed values, told in the type of {@code told}. */
public final class WideAvg extends WideTotal {

    @Override
    BigDecimal value(BigDecimal exact, Total total) {
        return exact.divide(BigDecimal.valueOf(total.count), total.places, RoundingMode.HALF_UP);
    }
}
