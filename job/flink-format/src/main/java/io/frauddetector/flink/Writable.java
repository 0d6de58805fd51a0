package io.frauddetector.flink;

import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.catalog.DataTypeFactory;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.binary.BinaryStringData;
import org.apache.flink.table.types.inference.TypeInference;
import org.apache.flink.table.types.inference.TypeStrategies;

/**
 * {@code writable(owner, keys, value, ...)}: whether Kafka takes a row of these values, of which the first {@code keys}
 * are its key. A key that is null, or a row larger than a record may be, would end the job.
 */
public final class Writable extends Guard {

    /** What a value may grow to as JSON is six times its bytes. */
    private static final long SURELY = 1 << 20;

    private static final long MOST = 10 << 20;

    @Override
    public TypeInference getTypeInference(DataTypeFactory factory) {
        return TypeInference.newBuilder()
                .inputTypeStrategy(new AnyArguments(FIRST))
                .outputTypeStrategy(TypeStrategies.explicit(DataTypes.BOOLEAN().notNull()))
                .build();
    }

    /** Whether the row can be written. */
    public Boolean eval(Object... given) {
        if (lacksKey(given)) {
            return false;
        }
        long size = 0;
        for (int i = FIRST; i < given.length; i++) {
            size += size(given[i]);
        }
        if (size > SURELY && written(given) > MOST) {
            unknowns.tell(given[0], "the row", null, "larger than a record may be", size);
            return false;
        }
        return true;
    }

    private static long size(Object value) {
        if (value instanceof StringData text) {
            return text instanceof BinaryStringData binary ? binary.getSizeInBytes() : text.toBytes().length;
        }
        return value instanceof byte[] bytes ? bytes.length * 2L : 64;
    }

    /** Bytes as JSON. */
    private static long written(Object[] given) {
        long size = 0;
        for (Object value : given) {
            size += size(value);
            if (value instanceof StringData text) {
                for (byte one : text.toBytes()) {
                    size += one >= 0 && one < ' ' ? 5 : one == '"' || one == '\\' ? 1 : 0;
                }
            }
        }
        return size;
    }
}
