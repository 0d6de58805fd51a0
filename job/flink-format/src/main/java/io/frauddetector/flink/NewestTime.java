package io.frauddetector.flink;

import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkGeneratorSupplier;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.table.data.RowData;

/**
 * The watermark of a partition as Flink's source takes it: the newest event time, with which
 * {@link TimedReader} stamps records, less the disorder that is normal.
 *
 * <p>A partition that is assigned and has not spoken yet holds the source's watermark back; that one is
 * silent for good is for {@link EventClock} to say.
 */
record NewestTime(long outOfOrdernessMillis) implements WatermarkStrategy<RowData> {

    @Override
    public WatermarkGenerator<RowData> createWatermarkGenerator(WatermarkGeneratorSupplier.Context context) {
        return new Generator(outOfOrdernessMillis);
    }

    private static final class Generator implements WatermarkGenerator<RowData> {
        private final long outOfOrderness;
        private long newest = Long.MIN_VALUE;

        Generator(long outOfOrderness) {
            this.outOfOrderness = outOfOrderness;
        }

        @Override
        public void onEvent(RowData row, long timestamp, WatermarkOutput output) {
            newest = timestamp;
        }

        @Override
        public void onPeriodicEmit(WatermarkOutput output) {
            if (newest != Long.MIN_VALUE) {
                // an event exactly as old as the bound is in time
                output.emitWatermark(new Watermark(newest - outOfOrderness - 1));
            }
        }
    }
}
