package io.frauddetector.flink;

import java.util.Arrays;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.catalog.DataTypeFactory;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.binary.BinaryStringData;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.functions.ScalarFunction;
import org.apache.flink.table.types.inference.TypeInference;
import org.apache.flink.table.types.inference.TypeStrategies;

/**
 * {@code writable(owner, keys, value, ...)}: whether Kafka takes a row of these values, of which the first {@code keys}
 * are its key. A key that is null, or a row larger than a record may be, would end the job.
 */
public final class Writable extends ScalarFunction {

    /** What a value may grow to as JSON is six times its bytes. */
    private static final long SURELY = 1 << 20;

    private static final long MOST = 10 << 20;

    private transient Unknowns unknowns;

    @Override
    public TypeInference getTypeInference(DataTypeFactory factory) {
        return TypeInference.newBuilder()
                .inputTypeStrategy(new AnyArguments(2))
                .outputTypeStrategy(TypeStrategies.explicit(DataTypes.BOOLEAN().notNull()))
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

    /** Whether the row can be written. */
    public Boolean eval(Object... given) {
        int keys = (Integer) given[1];
        long size = 0;
        for (int i = 2; i < given.length; i++) {
            if (i < 2 + keys && given[i] == null) {
                unknowns.tell(given[0], "the row's key", null, "a key column is null", shown(given));
                return false;
            }
            size += size(given[i]);
        }
        if (size > SURELY && written(given) > MOST) {
            unknowns.tell(given[0], "the row", null, "larger than a record may be", size);
            return false;
        }
        return true;
    }

    private static Object[] shown(Object[] given) {
        return Arrays.copyOfRange(given, 2, given.length);
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

    @Override
    public void close() {
        if (unknowns != null) {
            unknowns.close();
        }
    }
}
