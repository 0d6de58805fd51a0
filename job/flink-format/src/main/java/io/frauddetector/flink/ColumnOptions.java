package io.frauddetector.flink;

import java.io.Serializable;
import java.util.Map;
import java.util.Set;

/**
 * What a stream's declaration says about single columns.
 *
 * @param paths where in a record a column lies, its names joined by dots, where that is not its own name
 * @param texts columns whose numbers are written as text
 * @param rounded columns whose numbers are rounded when they have too many places
 * @param nulled columns that are null when their value does not fit, instead of refusing the record
 */
record ColumnOptions(
        Map<String, String> paths, Set<String> texts, Set<String> rounded, Set<String> nulled)
        implements Serializable {

    /** Every column at its own name, numbers as numbers, and what does not fit refused. */
    static final ColumnOptions PLAIN = new ColumnOptions(Map.of(), Set.of(), Set.of(), Set.of());

    String path(String column) {
        return paths.getOrDefault(column, column);
    }
}
