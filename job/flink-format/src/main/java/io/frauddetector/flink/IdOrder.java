package io.frauddetector.flink;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The order of events of one instant: shorter ids first, those of one length by their characters. Ids
 * that count up come in the order in which they were given: 999 before 1000.
 *
 * <p>In SQL it is {@code CHAR_LENGTH(id), id}; texts are compared there by their bytes in UTF-8.
 */
final class IdOrder {

    private IdOrder() {}

    static int compare(String one, String other) {
        int shorter = Integer.compare(one.codePointCount(0, one.length()), other.codePointCount(0, other.length()));
        return shorter != 0 ? shorter : Arrays.compareUnsigned(utf8(one), utf8(other));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
