package io.frauddetector.flink;

import java.util.Arrays;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.util.Collector;

/**
 * Parses a record once, as strict JSON, into one row.
 *
 * <p>A refused record becomes a row too: its columns null, its reason in the metadata column {@code
 * error}, its bytes untouched in {@code raw} and its event time so early that no watermark moves.
 */
final class EventDeserializationSchema implements DeserializationSchema<RowData> {

    private static final long serialVersionUID = 1L;

    private static final int MOST_KEPT = 11 << 20;

    /** The event time of a refused record: the year 0, before anything that may be accepted. */
    static final TimestampData NEVER = TimestampData.fromEpochMillis(-62_167_219_200_000L);

    private final String[] names;
    private final boolean[] required;
    private final int rawAt;
    private final int errorAt;
    private final int timeAt;
    private final int arity;
    private final int timeColumn;
    private final TypeInformation<RowData> producedType;
    private final EventOptions options;

    private final RowType declared;

    private transient PlainJson plain;
    private transient StrictJson strict;

    /** Values that did not fit and became null, where a column says so or nothing reads it. */
    private transient Counter nulls;

    /** The newest event time so far: in January 1970 still after many events, it is in another unit than declared. */
    private transient long newest;

    /** What became of the record read last. */
    private transient boolean accepted;

    private transient long eventTime;

    EventDeserializationSchema(
            RowType row,
            int[] metadataPositions,
            int metadataCount,
            TypeInformation<RowData> producedType,
            EventOptions options) {
        this.declared = row;
        this.names = row.getFieldNames().toArray(String[]::new);
        this.required = new boolean[names.length];
        int time = -1;
        for (int i = 0; i < names.length; i++) {
            boolean isTime = names[i].equals(options.timeColumn());
            required[i] = isTime || options.required().contains(names[i]);
            time = isTime ? i : time;
        }
        if (time < 0) {
            throw new IllegalArgumentException("no column " + options.timeColumn());
        }
        this.timeColumn = time;
        this.rawAt = position(metadataPositions[0]);
        this.errorAt = position(metadataPositions[1]);
        this.timeAt = position(metadataPositions[2]);
        this.arity = names.length + metadataCount;
        this.producedType = producedType;
        this.options = options;
    }

    private int position(int metadata) {
        return metadata < 0 ? -1 : names.length + metadata;
    }

    @Override
    public void open(InitializationContext context) {
        plain = new PlainJson(declared, required, timeColumn, options);
        strict = new StrictJson(declared, required, timeColumn, options);
        nulls = new SimpleCounter();
        newest = Long.MIN_VALUE;
        if (context != null) {
            context.getMetricGroup().counter("valuesSetToNull", nulls);
            context.getMetricGroup().gauge("newestEventTime", () -> newest);
        }
    }

    @Override
    public void deserialize(byte[] message, Collector<RowData> out) {
        out.collect(deserialize(message));
    }

    @Override
    public RowData deserialize(byte[] message) {
        GenericRowData row = new GenericRowData(arity);
        if (message != null && message.length <= options.maxBytes() && plain.read(message, row)) {
            eventTime = plain.time();
            accepted = true;
        } else {
            row = strictly(message);
        }
        return finished(row, message);
    }

    /** The row of a record as Jackson reads it, or of its refusal. */
    GenericRowData strictly(byte[] message) {
        GenericRowData row = new GenericRowData(arity);
        try {
            if (message == null) {
                throw new Refused("no value");
            }
            if (message.length > options.maxBytes()) {
                throw new Refused("record of " + message.length + " bytes, more than " + options.maxBytes());
            }
            strict.read(message, row);
            eventTime = strict.time();
            nulls.inc(strict.nulls());
            accepted = true;
            return row;
        } catch (Refused e) {
            return refused(e.getMessage());
        } catch (RuntimeException e) {
            // a parser's own mistake: no record may end the job
            return refused("not JSON that can be read");
        }
    }

    /** The row with its metadata, unless the event is dated too far ahead. */
    GenericRowData finished(GenericRowData row, byte[] message) {
        if (accepted && eventTime > System.currentTimeMillis() + options.maxAheadMillis()) {
            row = refused("field '" + options.columns().path(names[timeColumn]) + "': dated too far ahead of the clock");
        }
        if (accepted && eventTime > newest) {
            newest = eventTime;
        }
        if (timeAt >= 0) {
            row.setField(timeAt, accepted ? TimestampData.fromEpochMillis(eventTime) : NEVER);
        }
        if (rawAt >= 0) {
            row.setField(rawAt, kept(message));
        }
        return row;
    }

    /** What a topic of ours takes; only a record that is refused for its size is larger. */
    private static byte[] kept(byte[] message) {
        return message == null || message.length <= MOST_KEPT ? message : Arrays.copyOf(message, MOST_KEPT);
    }

    private GenericRowData refused(String reason) {
        accepted = false;
        GenericRowData row = new GenericRowData(arity);
        if (errorAt >= 0) {
            row.setField(errorAt, StringData.fromString(reason));
        }
        return row;
    }

    @Override
    public boolean isEndOfStream(RowData nextElement) {
        return false;
    }

    @Override
    public TypeInformation<RowData> getProducedType() {
        return producedType;
    }
}
