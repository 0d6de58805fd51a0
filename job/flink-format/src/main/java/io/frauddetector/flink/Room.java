package io.frauddetector.flink;

import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.functions.ScalarFunction;

/**
 * {@code room(owner, written, event, count, size)}: the count, or NULL where that many of this size are more than a million:
 * one event must not use up a machine's memory or time.
 */
public final class Room extends ScalarFunction {

    private static final long MOST = 1 << 20;

    private transient Unknowns unknowns;

    @Override
    public void open(FunctionContext context) {
        unknowns = new Unknowns(context);
    }

    /** The count. */
    public Integer eval(String owner, String written, String event, Long count, Integer size) {
        if (count == null || size == null) {
            return null;
        }
        long most = MOST / Math.max(1, size);
        if (count <= most && count >= -most) {
            return (int) (long) count;
        }
        unknowns.tell(owner, written, event, "too large", count);
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
