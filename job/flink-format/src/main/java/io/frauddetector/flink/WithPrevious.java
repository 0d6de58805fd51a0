package io.frauddetector.flink;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.apache.flink.table.api.DataTypes;
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
 * {@code with_previous(events, within)}: every event of a key with the columns of the one before it,
 * called {@code previous.column}, its id and the seconds between the two. What has no event before it,
 * or only one that is older than {@code within}, is left out.
 */
public final class WithPrevious extends ProcessTableFunction<Row> {

    private static final String ID = "_id";
    private static final String LENGTH = "_length";

    /** When the event before was. */
    public static final class Before {
        public Long at;
    }

    private transient int[] kept;

    @Override
    public TypeInference getTypeInference(DataTypeFactory types) {
        DataType before = types.createDataType(Before.class);
        LinkedHashMap<String, StateTypeStrategy> states = new LinkedHashMap<>();
        states.put("before", StateTypeStrategy.of(call -> Optional.of(before)));
        states.put("previous", StateTypeStrategy.of(call -> Optional.of(row(call, List.of()))));
        DataTypes.Field gap = DataTypes.FIELD("_gap", DataTypes.DOUBLE());
        return TypeInference.newBuilder()
                .staticArguments(
                        StaticArgument.table(
                                "input",
                                Row.class,
                                false,
                                EnumSet.of(
                                        StaticArgumentTrait.SET_SEMANTIC_TABLE,
                                        StaticArgumentTrait.PASS_COLUMNS_THROUGH)),
                        StaticArgument.scalar("within", DataTypes.BIGINT(), false))
                .stateTypeStrategies(states)
                .outputTypeStrategy(call -> Optional.of(row(call, List.of(gap))))
                .build();
    }

    public void eval(Context context, Before before, Row previous, Row input, Long within) {
        if (kept == null) {
            kept = kept(context.tableSemanticsFor("input"));
        }
        long time = Moments.of(input);
        if (before.at != null && time - before.at <= within) {
            Row found = new Row(kept.length + 1);
            for (int i = 0; i < kept.length; i++) {
                found.setField(i, previous.getField(i));
            }
            found.setField(kept.length, (time - before.at) / 1000.0);
            collect(found);
        }
        before.at = time;
        for (int i = 0; i < kept.length; i++) {
            previous.setField(i, input.getField(kept[i]));
        }
    }

    private static DataType row(CallContext call, List<DataTypes.Field> more) {
        TableSemantics input = call.getTableSemantics(0).orElseThrow();
        List<String> names = DataType.getFieldNames(input.dataType());
        List<DataType> types = DataType.getFieldDataTypes(input.dataType());
        List<DataTypes.Field> fields = new ArrayList<>();
        for (int place : kept(input)) {
            String name = names.get(place);
            String called = name.equals(ID) ? "_previous_id" : "previous." + name;
            fields.add(DataTypes.FIELD(called, types.get(place).nullable()));
        }
        fields.addAll(more);
        return DataTypes.ROW(fields);
    }

    /** Places of the columns that are kept: all but the key's, which do not change, the time, and how long the id is. */
    private static int[] kept(TableSemantics input) {
        List<String> names = DataType.getFieldNames(input.dataType());
        int[] keys = input.partitionByColumns();
        List<Integer> found = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            int place = i;
            boolean key = Arrays.stream(keys).anyMatch(one -> one == place);
            if (!key && !names.get(i).equals(Moments.TIME) && !names.get(i).equals(LENGTH)) {
                found.add(i);
            }
        }
        return found.stream().mapToInt(Integer::intValue).toArray();
    }
}
