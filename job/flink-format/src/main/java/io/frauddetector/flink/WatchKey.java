package io.frauddetector.flink;

import java.util.Optional;
import org.apache.flink.table.catalog.DataTypeFactory;
import org.apache.flink.table.types.inference.TypeInference;
import org.apache.flink.table.types.utils.DataTypeUtils;

/**
 * {@code watch_key(owner, keys, key, ..., value)}: the value, whatever it is; where one of so many key columns is null
 * it tells of the row, which Flink leaves out later.
 *
 * <p>For rows that change afterwards, which {@link Writable} can't keep away: behind a filter Flink would write a
 * deletion before each change.
 */
public final class WatchKey extends Guard {

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

    /** The value. */
    public Object eval(Object... given) {
        lacksKey(given);
        return given[given.length - 1];
    }
}
