package io.frauddetector.flink;

import org.apache.flink.table.annotation.ArgumentHint;
import org.apache.flink.table.annotation.ArgumentTrait;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.annotation.FunctionHint;
import org.apache.flink.table.annotation.StateHint;
import org.apache.flink.table.functions.ProcessTableFunction;
import org.apache.flink.types.Row;

/**
 * {@code on_edge(events, memory)}: the events at which a key's condition turns true.
 *
 * <p>The last two columns say whether the condition and the reset hold. Events come in the order of
 * time, those of one instant with the last id first: the first of them that meets the condition is the
 * one to tell of, and what else the instant brings changes nothing about it.
 */
@FunctionHint(output = @DataTypeHint("ROW<`_turned` BOOLEAN>"))
public final class OnEdge extends ProcessTableFunction<Row> {

    /** What is known of a key. */
    public static final class Known {
        /** The instant of its last event. */
        public Long at;

        /** Whether it was told of and not reset since. */
        public boolean told;

        /** Whether an event of that instant met the condition. */
        public boolean met;

        /** Whether an event of that instant met the reset. */
        public boolean reset;

        /** Whether the condition turns true at this event. */
        boolean turns(long time, boolean meets, boolean resets, long memory) {
            if (at == null || time > at) {
                boolean forgotten = at == null || time - at > memory;
                told = told && !forgotten && (met || !reset);
                met = false;
                reset = false;
                at = time;
            }
            boolean turned = meets && !told;
            told |= meets;
            met |= meets;
            reset |= resets;
            return turned;
        }
    }

    public void eval(
            @StateHint(name = "known") Known known,
            @ArgumentHint(
                            name = "input",
                            value = {
                                ArgumentTrait.SET_SEMANTIC_TABLE,
                                ArgumentTrait.PASS_COLUMNS_THROUGH
                            })
                    Row input,
            @ArgumentHint(name = "memory") Long memory) {
        boolean meets = Boolean.TRUE.equals(input.getField(input.getArity() - 2));
        boolean resets = Boolean.TRUE.equals(input.getField(input.getArity() - 1));
        if (known.turns(Moments.of(input), meets, resets, memory)) {
            collect(Row.of(true));
        }
    }
}
