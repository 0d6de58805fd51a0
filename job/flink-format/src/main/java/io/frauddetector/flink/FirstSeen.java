package io.frauddetector.flink;

import org.apache.flink.table.annotation.ArgumentHint;
import org.apache.flink.table.annotation.ArgumentTrait;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.annotation.FunctionHint;
import org.apache.flink.table.annotation.StateHint;
import org.apache.flink.table.api.dataview.MapView;
import org.apache.flink.table.functions.ProcessTableFunction;
import org.apache.flink.types.Row;

/**
 * {@code first_seen(events, memory, warm_up)}: the events in which a key is seen with a value, the last
 * column, that it was not seen with for longer than its memory.
 */
@FunctionHint(output = @DataTypeHint("ROW<`_new` BOOLEAN>"))
public final class FirstSeen extends ProcessTableFunction<Row> {

    /** Since when a key is known, and when it was seen last. */
    public static final class Key {
        public Long since;
        public Long last;

        /** Whether the key's values are only learnt yet; a key that was away for too long begins again. */
        boolean learns(long time, long memory, long warmUp) {
            if (last == null || time - last > memory) {
                since = time;
            }
            last = time;
            return time - since < warmUp;
        }
    }

    public void eval(
            @StateHint(name = "key") Key key,
            @StateHint(name = "seen") MapView<String, Long> seen,
            @ArgumentHint(
                            name = "input",
                            value = {
                                ArgumentTrait.SET_SEMANTIC_TABLE,
                                ArgumentTrait.PASS_COLUMNS_THROUGH
                            })
                    Row input,
            @ArgumentHint(name = "memory") Long memory,
            @ArgumentHint(name = "warm_up") Long warmUp)
            throws Exception {
        long time = Moments.of(input);
        String value = (String) input.getField(input.getArity() - 1);
        boolean learns = key.learns(time, memory, warmUp);
        Long last = seen.get(value);
        seen.put(value, time);
        if (!learns && (last == null || time - last > memory)) {
            collect(Row.of(true));
        }
    }
}
