package io.frauddetector.flink;

import org.apache.flink.table.annotation.ArgumentHint;
import org.apache.flink.table.annotation.ArgumentTrait;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.annotation.FunctionHint;
import org.apache.flink.table.annotation.StateHint;
import org.apache.flink.table.functions.ProcessTableFunction;
import org.apache.flink.types.Row;

/**
 * {@code since(events, memory)}: every event with the instant from which its key is remembered, in
 * milliseconds since 1970. A key that was away for longer than its memory begins anew.
 */
@FunctionHint(output = @DataTypeHint("ROW<`_since` BIGINT>"))
public final class Since extends ProcessTableFunction<Row> {

    /** The first and the last event of a key's present life. */
    public static final class Life {
        public Long first;
        public Long last;

        /** Since when the key is remembered at {@code time}. */
        long since(long time, long memory) {
            if (last == null || time - last > memory) {
                first = time;
            }
            last = time;
            return first;
        }
    }

    public void eval(
            @StateHint(name = "life") Life life,
            @ArgumentHint(
                            name = "input",
                            value = {
                                ArgumentTrait.SET_SEMANTIC_TABLE,
                                ArgumentTrait.PASS_COLUMNS_THROUGH
                            })
                    Row input,
            @ArgumentHint(name = "memory") Long memory) {
        collect(Row.of(life.since(Moments.of(input), memory)));
    }
}
