package io.frauddetector.flink;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.io.JsonStringEncoder;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.annotation.InputGroup;
import org.apache.flink.table.functions.ScalarFunction;

/**
 * {@code ids_of(value, ...)}: event ids as a JSON array, the first 20 of the values and of what the arrays
 * among them hold; nulls are left out.
 */
public final class IdsOf extends ScalarFunction {

    private static final int MOST = 20;

    public String eval(@DataTypeHint(inputGroup = InputGroup.ANY) Object... values) {
        StringBuilder json = new StringBuilder("[");
        List<String> ids = flat(values);
        for (String id : ids.subList(0, Math.min(MOST, ids.size()))) {
            json.append(json.length() > 1 ? ",\"" : "\"");
            JsonStringEncoder.getInstance().quoteAsString(id, json);
            json.append('"');
        }
        return json.append(']').toString();
    }

    /** All ids, those within arrays too. */
    static List<String> flat(Object[] values) {
        List<String> found = new ArrayList<>();
        for (Object value : values) {
            if (value instanceof Object[] many) {
                found.addAll(flat(many));
            } else if (value != null) {
                found.add(Values.text(value));
            }
        }
        return found;
    }
}
