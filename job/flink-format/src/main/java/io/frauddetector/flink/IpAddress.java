package io.frauddetector.flink;

import java.util.Arrays;

/** IP addresses from their text alone: no name is ever looked up, nothing is guessed. */
final class IpAddress {

    static final int V4 = 4;
    static final int V6 = 16;
    private static final int LONGEST = 45;
    private static final int GROUPS = 8;

    private IpAddress() {}

    /** Four or sixteen bytes; null for what is no address. IPv4 within IPv6 ({@code ::ffff:1.2.3.4}) is IPv4. */
    static byte[] parse(String text) {
        if (text.isEmpty() || text.length() > LONGEST) {
            return null;
        }
        return text.indexOf(':') < 0 ? four(text) : unmapped(six(text));
    }

    static boolean isDigit(int found) {
        return found >= '0' && found <= '9';
    }

    private static byte[] four(String text) {
        String[] parts = text.split("\\.", -1);
        byte[] bytes = new byte[V4];
        for (int i = 0; i < parts.length; i++) {
            String part = parts[i];
            boolean plain = !part.isEmpty() && part.length() <= 3 && part.chars().allMatch(IpAddress::isDigit);
            // some read 010 as ten and some as eight: it is no address
            if (parts.length != V4 || !plain || part.length() > 1 && part.charAt(0) == '0') {
                return null;
            }
            int value = Integer.parseInt(part);
            if (value > 255) {
                return null;
            }
            bytes[i] = (byte) value;
        }
        return bytes;
    }

    private static byte[] six(String text) {
        int gap = text.indexOf("::");
        if (gap < 0) {
            byte[] all = groups(text, true);
            return all != null && all.length == V6 ? all : null;
        }
        byte[] head = groups(text.substring(0, gap), false);
        byte[] tail = groups(text.substring(gap + 2), true);
        if (head == null || tail == null || head.length + tail.length > V6 - 2) {
            return null;
        }
        byte[] bytes = Arrays.copyOf(head, V6);
        System.arraycopy(tail, 0, bytes, V6 - tail.length, tail.length);
        return bytes;
    }

    /** Groups of hexadecimal digits between colons, at the end maybe an IPv4 address; nothing gives no bytes. */
    private static byte[] groups(String text, boolean last) {
        if (text.isEmpty()) {
            return new byte[0];
        }
        String[] parts = text.split(":", -1);
        byte[] bytes = new byte[0];
        for (int i = 0; i < parts.length; i++) {
            boolean dotted = last && i == parts.length - 1 && parts[i].indexOf('.') >= 0;
            byte[] group = dotted ? four(parts[i]) : group(parts[i]);
            if (group == null || i >= GROUPS) {
                return null;
            }
            int at = bytes.length;
            bytes = Arrays.copyOf(bytes, at + group.length);
            System.arraycopy(group, 0, bytes, at, group.length);
        }
        return bytes;
    }

    private static byte[] group(String text) {
        boolean plain = !text.isEmpty() && text.length() <= 4 && text.chars().allMatch(IpAddress::isHex);
        if (!plain) {
            return null;
        }
        int value = Integer.parseInt(text, 16);
        return new byte[] {(byte) (value >> 8), (byte) value};
    }

    private static boolean isHex(int found) {
        return isDigit(found) || found >= 'a' && found <= 'f' || found >= 'A' && found <= 'F';
    }

    private static byte[] unmapped(byte[] six) {
        if (six == null) {
            return null;
        }
        byte[] mapped = new byte[V6 - V4];
        Arrays.fill(mapped, V6 - V4 - 2, V6 - V4, (byte) 0xFF);
        return Arrays.mismatch(six, 0, mapped.length, mapped, 0, mapped.length) < 0
                ? Arrays.copyOfRange(six, mapped.length, V6)
                : six;
    }
}
