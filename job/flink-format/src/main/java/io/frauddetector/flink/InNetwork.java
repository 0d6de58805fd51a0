package io.frauddetector.flink;

import java.util.Arrays;
import org.apache.flink.table.functions.ScalarFunction;

/**
 * {@code in_network(address, network)}: whether an IP address lies in a network such as {@code 10.0.0.0/8}
 * or {@code 2001:db8::/32}; null where one of them is neither. Names are never looked up.
 */
public final class InNetwork extends ScalarFunction {

    private transient String written;
    private transient IpNetwork network;

    public Boolean eval(String address, String cidr) {
        if (address == null || cidr == null) {
            return null;
        }
        if (!cidr.equals(written)) {
            network = IpNetwork.parse(cidr);
            written = cidr;
        }
        byte[] bytes = network == null ? null : IpAddress.parse(address);
        return bytes == null ? null : network.holds(bytes);
    }

    /** The first bits of addresses of one family. */
    record IpNetwork(byte[] first, int bits) {

        static IpNetwork parse(String cidr) {
            int slash = cidr.indexOf('/');
            String head = slash < 0 ? cidr : cidr.substring(0, slash);
            byte[] first = IpAddress.parse(head);
            if (first == null) {
                return null;
            }
            int most = 8 * first.length;
            int bits = slash < 0 ? most : number(cidr.substring(slash + 1));
            if (slash >= 0 && first.length == IpAddress.V4 && head.indexOf(':') >= 0) {
                // an IPv4 address in IPv6 clothes: 96 of the bits are the clothes
                bits -= 8 * (IpAddress.V6 - IpAddress.V4);
            }
            return bits < 0 || bits > most ? null : new IpNetwork(first, bits);
        }

        boolean holds(byte[] address) {
            int whole = bits / 8;
            if (address.length != first.length || Arrays.mismatch(address, 0, whole, first, 0, whole) >= 0) {
                return false;
            }
            int rest = bits % 8;
            return rest == 0 || (address[whole] & 0xFF) >> 8 - rest == (first[whole] & 0xFF) >> 8 - rest;
        }

        private static int number(String digits) {
            boolean plain = !digits.isEmpty() && digits.length() <= 3 && digits.chars().allMatch(IpAddress::isDigit);
            return plain ? Integer.parseInt(digits) : -1;
        }
    }
}
