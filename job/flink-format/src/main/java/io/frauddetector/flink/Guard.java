package io.frauddetector.flink;

import java.util.Arrays;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.functions.ScalarFunction;

/** A function that tells of what it had to leave unknown, wherever the plan calls it: never while planning. */
public abstract class Guard extends ScalarFunction {

    /** Where the arguments of guards of a row begin: behind the owner and the number of key columns. */
    static final int FIRST = 2;

    transient Unknowns unknowns;

    /** Flink opens the condition of a step once for each way into it, every time with the same function. */
    private transient int uses;

    @Override
    public boolean supportsConstantFolding() {
        return false;
    }

    @Override
    public final void open(FunctionContext context) {
        if (uses++ == 0) {
            unknowns = new Unknowns(context);
            begin(context);
        }
    }

    /** Where a subclass opens what it needs. */
    void begin(FunctionContext context) {}

    /** Where a subclass closes what it has opened. */
    void end() {}

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
    public final void close() {
        if (uses > 0 && --uses == 0) {
            end();
            unknowns.close();
        }
    }
}
