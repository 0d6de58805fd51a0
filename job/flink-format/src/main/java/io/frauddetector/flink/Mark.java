package io.frauddetector.flink;

import org.apache.flink.runtime.operators.coordination.OperatorEvent;

/**
 * How far a subtask is, on the way to the coordinator; how far the others are, on the way back.
 *
 * @param time the watermark of a subtask
 * @param from what the subtask hears
 */
record Mark(long time, From from) implements OperatorEvent {

    /** Of a subtask that has not told anything yet. */
    static final Mark UNTOLD = heard(Long.MIN_VALUE);

    /** Of a subtask that is at its end. */
    static final Mark ENDED = new Mark(Long.MIN_VALUE, From.ENDED);

    static Mark heard(long time) {
        return new Mark(time, From.HEARD);
    }

    /** Of a subtask none of whose partitions was heard of for too long. */
    static Mark silent(long time) {
        return new Mark(time, From.SILENT);
    }

    /** Of a subtask that waited too long and was told nothing by any partition since it started. */
    static Mark unheard(long time) {
        return new Mark(time, From.UNHEARD);
    }

    boolean isHeard() {
        return from == From.HEARD;
    }

    boolean hasFallenSilent() {
        return from == From.SILENT;
    }

    boolean isUnheard() {
        return from == From.UNHEARD;
    }

    /** Whether the subtask goes on with the others. */
    boolean follows() {
        return hasFallenSilent() || isUnheard();
    }

    /** What a subtask hears: something, nothing for too long, nothing yet, nothing any more. */
    enum From {
        HEARD,
        SILENT,
        UNHEARD,
        ENDED
    }
}
