package io.frauddetector.flink;

import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;

/** How far the event time of each partition is, and when it was heard of. */
final class Partitions {

    /** No partition, or none that is heard of. */
    static final long NONE = Long.MAX_VALUE;

    private final long outOfOrderness;
    private Partition[] byNumber = new Partition[16];
    private Partition last = new Partition(-1);
    private boolean heard;

    Partitions(long outOfOrdernessMillis) {
        this.outOfOrderness = outOfOrdernessMillis;
    }

    /**
     * Takes an accepted record of this time, with which the newest of its partition is {@code newest}.
     *
     * @return whether it is too old for its partition: older than the newest by more than the bound
     */
    boolean take(int number, long newest, long time) {
        if (last.number != number) {
            last = of(number);
        }
        last.heard = true;
        last.oldestInTime = newest - outOfOrderness;
        return time < last.oldestInTime;
    }

    /** Whether any partition took a record since the last look. */
    boolean heard() {
        return stream().anyMatch(partition -> partition.heard);
    }

    /** A look at the clock on the wall: partitions that took a record since the last one were heard of now. */
    void look(long now) {
        stream().filter(partition -> partition.heard)
                .forEach(
                        partition -> {
                            partition.heard = false;
                            partition.heardAt = now;
                        });
    }

    /** The watermark of the partitions that were heard of since then, {@link #NONE} without one. */
    long watermark(long since) {
        return stream().filter(partition -> partition.heardAt > since)
                .mapToLong(partition -> partition.oldestInTime - 1)
                .min()
                .orElse(NONE);
    }

    /**
     * The watermark of the partitions that were heard of last, {@link #NONE} while none was. Of silent
     * ones they were the last to fall silent, so for a moment time was theirs alone, looked at or not.
     */
    long lastWatermark() {
        long last = stream().mapToLong(partition -> partition.heardAt).max().orElse(Long.MIN_VALUE);
        return last == Long.MIN_VALUE ? NONE : watermark(last - 1);
    }

    private Stream<Partition> stream() {
        return Arrays.stream(byNumber).filter(Objects::nonNull);
    }

    private Partition of(int number) {
        if (number >= byNumber.length) {
            byNumber = Arrays.copyOf(byNumber, Math.max(number + 1, 2 * byNumber.length));
        }
        if (byNumber[number] == null) {
            byNumber[number] = new Partition(number);
        }
        return byNumber[number];
    }

    /** One partition. */
    private static final class Partition {
        private final int number;
        private long oldestInTime = Long.MIN_VALUE;
        private long heardAt = Long.MIN_VALUE;
        private boolean heard;

        private Partition(int number) {
            this.number = number;
        }
    }
}
