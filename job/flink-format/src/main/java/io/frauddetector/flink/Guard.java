package io.frauddetector.flink;

import java.util.Arrays;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.functions.ScalarFunction;

/** A function that tells of what it had to leave unknown, wherever the plan calls it: never while planning. */
public abstract class Guard extends ScalarFunction {

    /** Where the arguments of guards of a row begin: behind the owner and the number of key columns. */
    static final int FIRST = 2;

    transient Unknowns unknowns;

    @Override
    public boolean supportsConstantFolding() {
        return false;
    }

    @Override
    public void open(FunctionContext context) {
        unknowns = new Unknowns(context);
    }

    /**
     * Whether a key column of a row is null, which is told then.
     *
     * @param given the owner, the number of key columns, their values, other values
     */
    final boolean lacksKey(Object[] given) {
        int keys = (Integer) given[1];
        for (int i = FIRST; i < FIRST + keys; i++) {
            if (given[i] == null) {
                Object[] shown = Arrays.copyOfRange(given, FIRST, given.length);
                unknowns.tell(given[0], "the row's key", null, "a key column is null", shown);
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() {
        if (unknowns != null) {
            unknowns.close();
        }
    }
}
