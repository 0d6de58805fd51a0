package io.frauddetector.flink;

import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.binary.BinaryStringData;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.functions.ScalarFunction;

/**
 * {@code room(owner, written, count, text)}: the count, or NULL where the text that many times is more than a million
 * bytes: one event must not use up a machine's memory.
 */
public final class Room extends ScalarFunction {

    private static final long MOST = 1 << 20;

    private transient Unknowns unknowns;

    @Override
    public void open(FunctionContext context) {
        unknowns = new Unknowns(context);
    }

    /** The count. */
    public Integer eval(
            String owner,
            String written,
            Integer count,
            @DataTypeHint(value = "STRING", bridgedTo = StringData.class) StringData text) {
        if (count == null || text == null) {
            return count;
        }
        int length = Math.max(1, ((BinaryStringData) text).getSizeInBytes());
        if (count <= MOST / length) {
            return count;
        }
        unknowns.tell(owner, written, "too large", count);
        return null;
    }

    @Override
    public boolean supportsConstantFolding() {
        return false;
    }

    @Override
    public void close() {
        if (unknowns != null) {
            unknowns.close();
        }
    }
}
