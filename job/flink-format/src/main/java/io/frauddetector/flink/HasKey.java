package io.frauddetector.flink;

import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.annotation.InputGroup;

/**
 * {@code has_key(owner, names, id, value, ...)}: whether none of these columns is null. An event that lacks one never
 * alerts; it is told like other unknown results, by the column's name with what it is to the rule: {@code key card}.
 */
public final class HasKey extends Guard {

    /** Whether the key is whole. */
    public Boolean eval(
            String owner,
            String names,
            String id,
            @DataTypeHint(inputGroup = InputGroup.ANY) Object... values) {
        for (int i = 0; i < values.length; i++) {
            if (values[i] == null) {
                unknowns.tell(owner, names.split(",")[i], id, "null in the event of this id", id);
                return false;
            }
        }
        return true;
    }
}
