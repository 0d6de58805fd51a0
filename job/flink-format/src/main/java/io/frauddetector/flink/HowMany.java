package io.frauddetector.flink;

import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.annotation.InputGroup;
import org.apache.flink.table.functions.ScalarFunction;

/** {@code how_many(value, ...)}: how many event ids the values, and the arrays among them, hold. */
public final class HowMany extends ScalarFunction {

    public Long eval(@DataTypeHint(inputGroup = InputGroup.ANY) Object... values) {
        return (long) IdsOf.flat(values).size();
    }
}
