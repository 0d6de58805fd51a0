package io.frauddetector.flink;

/** A record that is not what its stream declares; the message says why, for the one who sent it. */
final class Refused extends Exception {

    Refused(String reason) {
        // refusals are data, not faults: a stack trace would cost more than the parse
        super(reason, null, false, false);
    }
}
