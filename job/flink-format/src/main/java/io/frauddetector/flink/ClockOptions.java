package io.frauddetector.flink;

import java.io.Serializable;
import java.util.List;

/**
 * What a stream's declaration says about its time.
 *
 * @param stream the stream's name, by which others follow it
 * @param outOfOrdernessMillis how far events of a partition may come out of order
 * @param idleMillis how long a partition is silent before it holds nobody up any more
 * @param follows streams whose time goes on for this one while all of it is silent
 * @param settleMillis how long at the end of input whoever reads from here is left alone with the end of time
 */
record ClockOptions(
        String stream, long outOfOrdernessMillis, long idleMillis, List<String> follows, long settleMillis)
        implements Serializable {}
