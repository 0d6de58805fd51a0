package io.frauddetector.flink;

import java.util.Optional;
import org.apache.flink.table.catalog.DataTypeFactory;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.types.inference.TypeInference;
import org.apache.flink.table.types.utils.DataTypeUtils;

/** {@code nonzero(owner, written, event, divisor)}: the divisor, or NULL for zero, so that the quotient is unknown. */
public final class NonZero extends Guard {

    @Override
    public TypeInference getTypeInference(DataTypeFactory factory) {
        return TypeInference.newBuilder()
                .inputTypeStrategy(new AnyArguments(4))
                .outputTypeStrategy(
                        given ->
                                Optional.of(
                                        DataTypeUtils.toInternalDataType(
                                                given.getArgumentDataTypes().get(3).nullable())))
                .build();
    }

    /** The divisor. */
    public Object eval(Object... given) {
        Object divisor = given[3];
        if (!isZero(divisor)) {
            return divisor;
        }
        unknowns.tell(given[0], given[1], given[2], "division by zero", divisor);
        return null;
    }

    private static boolean isZero(Object divisor) {
        if (divisor instanceof DecimalData decimal) {
            return decimal.toBigDecimal().signum() == 0;
        }
        return divisor instanceof Number number && number.doubleValue() == 0;
    }
}
