package io.frauddetector.flink;

/**
 * Whether bytes are UTF-8 to the letter: Jackson also takes bytes that no encoder would have
 * written.
 */
final class Utf8 {

    private Utf8() {}

    static boolean valid(byte[] bytes) {
        int at = 0;
        while (at < bytes.length) {
            int first = bytes[at];
            if (first >= 0) {
                at++;
                continue;
            }
            int length = length(first & 0xFF);
            if (length == 0 || at + length > bytes.length || !follows(bytes, at, length)) {
                return false;
            }
            at += length;
        }
        return true;
    }

    private static int length(int first) {
        // C0 and C1 would spell ASCII in two bytes, F5 and above lie beyond the last character
        if (first < 0xC2 || first > 0xF4) {
            return 0;
        }
        return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    }

    private static boolean follows(byte[] bytes, int at, int length) {
        for (int i = 1; i < length; i++) {
            if ((bytes[at + i] & 0xC0) != 0x80) {
                return false;
            }
        }
        int second = bytes[at + 1] & 0xFF;
        return switch (bytes[at] & 0xFF) {
            case 0xE0 -> second >= 0xA0;
            case 0xED -> second < 0xA0; // above lie the halves of UTF-16's pairs
            case 0xF0 -> second >= 0x90;
            case 0xF4 -> second < 0x90;
            default -> true;
        };
    }
}
