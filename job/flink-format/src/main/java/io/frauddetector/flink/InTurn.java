package io.frauddetector.flink;

import org.apache.flink.table.annotation.ArgumentHint;
import org.apache.flink.table.annotation.ArgumentTrait;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.annotation.FunctionHint;
import org.apache.flink.table.functions.ProcessTableFunction;
import org.apache.flink.types.Row;

/** {@code in_turn(events)}: all events of a key, in the order of time and once the watermark has passed them. */
@FunctionHint(output = @DataTypeHint("ROW<`_in_turn` BOOLEAN>"))
public final class InTurn extends ProcessTableFunction<Row> {

    public void eval(
            @ArgumentHint(
                            name = "input",
                            value = {
                                ArgumentTrait.SET_SEMANTIC_TABLE,
                                ArgumentTrait.PASS_COLUMNS_THROUGH
                            })
                    Row input) {
        collect(Row.of(true));
    }
}
