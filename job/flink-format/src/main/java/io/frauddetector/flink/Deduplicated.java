package io.frauddetector.flink;

import org.apache.flink.table.types.logical.LogicalType;

/**
 * How events that come twice are told.
 *
 * @param idField where in the row the event's id is
 * @param idType its type
 * @param withinMillis how far apart in event time two events with one id are one event
 */
record Deduplicated(int idField, LogicalType idType, long withinMillis) {}
