package io.frauddetector.flink;


/**
 * {@code room(owner, written, event, count, size)}: the count, or NULL where that many of this size are more than a million:
 * one event must not use up a machine's memory or time.
 */
public final class Room extends Guard {

    private static final long MOST = 1 << 20;

    /** The count. */
    public Integer eval(String owner, String written, String event, Long count, Integer size) {
        if (count == null || size == null) {
            return null;
        }
        long most = MOST / Math.max(1, size);
        if (count <= most && count >= -most) {
            return (int) (long) count;
        }
        unknowns.tell(owner, written, event, "too large", count);
        return null;
    }
}
