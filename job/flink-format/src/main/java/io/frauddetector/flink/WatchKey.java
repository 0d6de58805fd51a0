package io.frauddetector.flink;

import java.util.Arrays;
import java.util.Optional;
import org.apache.flink.table.catalog.DataTypeFactory;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.functions.ScalarFunction;
import org.apache.flink.table.types.inference.TypeInference;
import org.apache.flink.table.types.utils.DataTypeUtils;

/**
 * {@code watch_key(owner, keys, key, ..., value)}: the value, whatever it is; where one of so many key columns is null
 * it tells of the row, which Flink leaves out later.
 *
 * <p>For rows that change afterwards, which {@link Writable} can't keep away: behind a filter Flink would write a
 * deletion before each change.
 */
public final class WatchKey extends ScalarFunction {

    private static final int FIRST = 2;

    private transient Unknowns unknowns;

    @Override
    public TypeInference getTypeInference(DataTypeFactory factory) {
        return TypeInference.newBuilder()
                .inputTypeStrategy(new AnyArguments(FIRST))
                .outputTypeStrategy(
                        given -> {
                            int last = given.getArgumentDataTypes().size() - 1;
                            return Optional.of(
                                    DataTypeUtils.toInternalDataType(given.getArgumentDataTypes().get(last)));
                        })
                .build();
    }

    @Override
    public boolean supportsConstantFolding() {
        return false;
    }

    @Override
    public void open(FunctionContext context) {
        unknowns = new Unknowns(context);
    }

    /** The value. */
    public Object eval(Object... given) {
        int keys = (Integer) given[1];
        for (int i = FIRST; i < FIRST + keys; i++) {
            if (given[i] == null) {
                Object[] shown = Arrays.copyOfRange(given, FIRST, given.length);
                unknowns.tell(given[0], "the row's key", null, "a key column is null", shown);
                break;
            }
        }
        return given[given.length - 1];
    }

    @Override
    public void close() {
        if (unknowns != null) {
            unknowns.close();
        }
    }
}
