package io.frauddetector.flink;

import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.dataview.ListView;
import org.apache.flink.table.catalog.DataTypeFactory;
import org.apache.flink.table.functions.ProcessTableFunction;
import org.apache.flink.table.functions.TableSemantics;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.inference.CallContext;
import org.apache.flink.table.types.inference.StateTypeStrategy;
import org.apache.flink.table.types.inference.StaticArgument;
import org.apache.flink.table.types.inference.StaticArgumentTrait;
import org.apache.flink.table.types.inference.TypeInference;
import org.apache.flink.types.Row;

/**
 * {@code held_back(events)}: the events of a key and a period, all at the period's last instant; the last column of
 * the key is the period's end. Flink's own windows then aggregate them, whatever the length of the period.
 */
public final class HeldBack extends ProcessTableFunction<Row> {

    private static final String TIME = "_time";

    private transient int[] kept;
    private transient int end;

    @Override
    public TypeInference getTypeInference(DataTypeFactory types) {
        LinkedHashMap<String, StateTypeStrategy> states = new LinkedHashMap<>();
        // what is held goes at the period's end, never by a clock on the wall
        states.put(
                "held",
                StateTypeStrategy.of(
                        call -> Optional.of(ListView.newListViewDataType(row(call).notNull())), Duration.ZERO));
        return TypeInference.newBuilder()
                .staticArguments(
                        StaticArgument.table(
                                "input",
                                Row.class,
                                false,
                                EnumSet.of(
                                        StaticArgumentTrait.SET_SEMANTIC_TABLE,
                                        StaticArgumentTrait.REQUIRE_ON_TIME)))
                .stateTypeStrategies(states)
                .outputTypeStrategy(call -> Optional.of(row(call)))
                .build();
    }

    public void eval(Context context, ListView<Row> held, Row input) throws Exception {
        if (kept == null) {
            TableSemantics table = context.tableSemanticsFor("input");
            kept = kept(table);
            int[] keys = table.partitionByColumns();
            end = keys[keys.length - 1];
        }
        held.add(Row.project(input, kept));
        LocalDateTime over = input.getFieldAs(end);
        context.timeContext(Long.class).registerOnTime(over.toInstant(ZoneOffset.UTC).toEpochMilli() - 1);
    }

    public void onTimer(OnTimerContext context, ListView<Row> held) throws Exception {
        for (Row row : held.get()) {
            collect(row);
        }
        context.clearAllState();
    }

    private static DataType row(CallContext call) {
        TableSemantics input = call.getTableSemantics(0).orElseThrow();
        List<String> names = DataType.getFieldNames(input.dataType());
        List<DataType> types = DataType.getFieldDataTypes(input.dataType());
        List<DataTypes.Field> fields = new ArrayList<>();
        for (int place : kept(input)) {
            fields.add(DataTypes.FIELD(names.get(place), types.get(place)));
        }
        return DataTypes.ROW(fields);
    }

    /** Places of all columns but the key's and the time, which Flink adds by itself. */
    private static int[] kept(TableSemantics input) {
        int[] keys = input.partitionByColumns();
        List<Integer> found = new ArrayList<>();
        List<String> names = DataType.getFieldNames(input.dataType());
        for (int i = 0; i < names.size(); i++) {
            int place = i;
            // the planner asks before it knows which column is the time
            if (!names.get(i).equals(TIME) && Arrays.stream(keys).noneMatch(key -> key == place)) {
                found.add(i);
            }
        }
        return found.stream().mapToInt(Integer::intValue).toArray();
    }
}
