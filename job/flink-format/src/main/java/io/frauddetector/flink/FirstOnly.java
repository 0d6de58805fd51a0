package io.frauddetector.flink;

import org.apache.flink.table.annotation.ArgumentHint;
import org.apache.flink.table.annotation.ArgumentTrait;
import org.apache.flink.table.annotation.FunctionHint;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.annotation.StateHint;
import org.apache.flink.table.functions.ProcessTableFunction;
import org.apache.flink.types.Row;

/**
 * {@code first_only(hits, period)}: of an entity's hits in order, at most one in any period of that
 * length; the length is in milliseconds.
 */
@FunctionHint(output = @DataTypeHint("ROW<`_told` BOOLEAN>"))
public final class FirstOnly extends ProcessTableFunction<Row> {

    /** When the entity was told of last. */
    public static final class Told {
        public Long at;

        /** Whether a hit at {@code time} is told of. */
        boolean tells(long time, long period) {
            if (at != null && time - at < period) {
                return false;
            }
            at = time;
            return true;
        }
    }

    public void eval(
            @StateHint(name = "told") Told told,
            @ArgumentHint(
                            name = "input",
                            value = {
                                ArgumentTrait.SET_SEMANTIC_TABLE,
                                ArgumentTrait.PASS_COLUMNS_THROUGH
                            })
                    Row input,
            @ArgumentHint(name = "period") Long period) {
        if (told.tells(Moments.ofHit(input), period)) {
            collect(Row.of(true));
        }
    }
}
