package io.frauddetector.flink;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Optional;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.catalog.DataTypeFactory;
import org.apache.flink.table.functions.AggregateFunction;
import org.apache.flink.table.types.inference.InputTypeStrategies;
import org.apache.flink.table.types.inference.TypeInference;
import org.apache.flink.table.types.inference.TypeStrategies;
import org.apache.flink.table.types.logical.LogicalTypeRoot;

/**
 * What sums of decimals share that leave a DECIMAL no digits to grow in: the total is kept exactly, whatever its
 * length, and only what is told of it is a DECIMAL, of the type of the second argument. (A literal could not say the
 * places: once a plan is made, aggregates only see columns.)
 *
 * <p>Flink's own SUM becomes null when it overflows and then begins anew.
 */
public abstract class WideTotal extends AggregateFunction<BigDecimal, WideTotal.Total> {

    private static final int DIGITS = 38;

    /** An exact total: {@code sum} is its unscaled value, empty for none. */
    public static final class Total {
        public byte[] sum = {};
        public int scale;
        public int places;
        public long count;
    }

    @Override
    public Total createAccumulator() {
        return new Total();
    }

    public void accumulate(Total total, BigDecimal value, BigDecimal told) {
        if (value != null) {
            total.scale = value.scale();
            total.places = told.scale();
            add(total, value.unscaledValue(), 1);
        }
    }

    public void retract(Total total, BigDecimal value, BigDecimal told) {
        if (value != null) {
            add(total, value.unscaledValue().negate(), -1);
        }
    }

    public void merge(Total total, Iterable<Total> others) {
        for (Total other : others) {
            if (other.count > 0) {
                total.scale = other.scale;
                total.places = other.places;
                add(total, unscaled(other), other.count);
            }
        }
    }

    @Override
    public BigDecimal getValue(Total total) {
        if (total.count == 0) {
            return null;
        }
        return bounded(value(new BigDecimal(unscaled(total), total.scale), total), total.places);
    }

    /** What is told of an exact total of at least one value. */
    abstract BigDecimal value(BigDecimal exact, Total total);

    /** The nearest to a value that the told type can hold: the largest of its sign where it is too large. */
    static BigDecimal bounded(BigDecimal value, int places) {
        if (value.precision() - value.scale() + places <= DIGITS) {
            return value;
        }
        BigInteger most = BigInteger.TEN.pow(DIGITS).subtract(BigInteger.ONE);
        return new BigDecimal(value.signum() < 0 ? most.negate() : most, places);
    }

    private static void add(Total total, BigInteger unscaled, long count) {
        total.sum = unscaled(total).add(unscaled).toByteArray();
        total.count += count;
    }

    private static BigInteger unscaled(Total total) {
        return total.sum.length == 0 ? BigInteger.ZERO : new BigInteger(total.sum);
    }

    @Override
    public TypeInference getTypeInference(DataTypeFactory factory) {
        return TypeInference.newBuilder()
                .inputTypeStrategy(
                        InputTypeStrategies.sequence(
                                InputTypeStrategies.logical(LogicalTypeRoot.DECIMAL),
                                InputTypeStrategies.logical(LogicalTypeRoot.DECIMAL)))
                .accumulatorTypeStrategy(
                        TypeStrategies.explicit(
                                DataTypes.STRUCTURED(
                                        Total.class,
                                        DataTypes.FIELD("sum", DataTypes.BYTES()),
                                        DataTypes.FIELD("scale", DataTypes.INT().notNull()),
                                        DataTypes.FIELD("places", DataTypes.INT().notNull()),
                                        DataTypes.FIELD("count", DataTypes.BIGINT().notNull()))))
                .outputTypeStrategy(
                        call -> Optional.of(call.getArgumentDataTypes().get(1).nullable()))
                .build();
    }
}
