package io.frauddetector.flink;

import java.io.Serializable;
import java.time.ZoneId;
import java.util.Set;

/**
 * What a stream's declaration says about its records.
 *
 * @param timeColumn the column that holds the event time
 * @param timeFormat how the event time is written
 * @param zone the zone of a written time that names none
 * @param maxAheadMillis how far ahead of this machine's clock an event may be dated
 * @param required columns that must be there and not null
 * @param maxBytes the largest record that is read at all
 * @param columns what is said about single columns
 */
record EventOptions(
        String timeColumn,
        EventTimeFormat timeFormat,
        ZoneId zone,
        long maxAheadMillis,
        Set<String> required,
        int maxBytes,
        ColumnOptions columns)
        implements Serializable {}
