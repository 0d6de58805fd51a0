package io.frauddetector.flink;

/** {@code local_end(time, unit, zone)}: when the local day, week or month ends that an instant is in, in UTC. */
public final class LocalEnd extends LocalStart {

    @Override
    long edge(LocalTime.Period period) {
        return period.end();
    }
}
