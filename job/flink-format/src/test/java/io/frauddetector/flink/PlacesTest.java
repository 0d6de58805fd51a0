package io.frauddetector.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Places on earth and in networks: right where there is an answer, null where there is none. */
class PlacesTest {

    private final DistanceKm distance = new DistanceKm();
    private final InNetwork network = new InNetwork();

    @Test
    void measuresAlongTheSphere() {
        // a degree of a meridian, and a quarter of a great circle: radius times the angle
        assertEquals(6371.0088 * Math.PI / 180, distance.eval(0.0, 0.0, 1.0, 0.0), 1e-9);
        assertEquals(6371.0088 * Math.PI / 2, distance.eval(90.0, 17.0, 0.0, -120.0), 1e-9);
        assertEquals(6371.0088 * Math.PI, distance.eval(10.0, 20.0, -10.0, -160.0), 1e-3);
        assertEquals(0, distance.eval(52.52, 13.405, 52.52, 13.405));
        // Berlin and Paris are 877 to 878 km apart, Sydney and San Francisco, across the date line, about 11,950
        assertEquals(877.5, distance.eval(52.52, 13.405, 48.8566, 2.3522), 0.5);
        assertEquals(11_950, distance.eval(-33.8688, 151.2093, 37.7749, -122.4194), 20);
    }

    @Test
    void knowsNoPlacesBeyondTheEarth() {
        double[][] beyond = {{90.1, 0}, {-91, 0}, {0, 180.5}, {0, -181}, {Double.NaN, 0}, {0, Double.POSITIVE_INFINITY}};
        for (double[] place : beyond) {
            assertNull(distance.eval(place[0], place[1], 0.0, 0.0));
            assertNull(distance.eval(0.0, 0.0, place[0], place[1]));
        }
        assertNull(distance.eval(null, 0.0, 0.0, 0.0));
        assertNull(distance.eval(0.0, 0.0, 0.0, null));
    }

    @Test
    void findsAddressesInNetworks() {
        assertEquals(true, network.eval("10.1.2.3", "10.0.0.0/8"));
        assertEquals(false, network.eval("11.1.2.3", "10.0.0.0/8"));
        assertEquals(true, network.eval("192.168.1.127", "192.168.1.0/25"));
        assertEquals(false, network.eval("192.168.1.128", "192.168.1.0/25"));
        assertEquals(true, network.eval("8.8.8.8", "0.0.0.0/0"));
        assertEquals(true, network.eval("8.8.8.8", "8.8.8.8"));
        assertEquals(false, network.eval("8.8.8.9", "8.8.8.8/32"));
        // bits behind the prefix do not count
        assertEquals(true, network.eval("10.1.2.3", "10.255.255.255/8"));
        assertEquals(true, network.eval("2001:db8:1::1", "2001:db8::/32"));
        assertEquals(false, network.eval("2001:db9::1", "2001:DB8::/32"));
        assertEquals(true, network.eval("::1", "0:0:0:0:0:0:0:1"));
        assertEquals(true, network.eval("fe80::1", "::/0"));
    }

    @Test
    void familiesNeverMeet() {
        assertEquals(false, network.eval("10.0.0.1", "::/0"));
        assertEquals(false, network.eval("::1", "0.0.0.0/0"));
        // but an IPv4 address is itself in IPv6 clothes too
        assertEquals(true, network.eval("::ffff:10.1.2.3", "10.0.0.0/8"));
        assertEquals(true, network.eval("10.1.2.3", "::ffff:10.0.0.0/104"));
        assertEquals(false, network.eval("11.1.2.3", "::ffff:a00:0/104"));
    }

    @Test
    void knowsWhatIsNoAddressAndNoNetwork() {
        for (String address :
                new String[] {
                    "", " ", "localhost", "10.0.0", "10.0.0.1.2", "10.0.0.256", "010.0.0.1", "10.0.0.-1", "10.0.0.1 ",
                    "1e1.0.0.1", ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::12345", "::g",
                    "fe80::1%eth0", "1.2.3.4::", "::1.2.3", "1:2:3:4:5:6:7::8", "\u0661.0.0.1", "10.0.0.1/8"
                }) {
            assertNull(network.eval(address, "10.0.0.0/8"), address);
            assertNull(network.eval("10.0.0.1", address + "/8"), address);
        }
        for (String cidr : new String[] {"10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "::/129", "10.0.0.0/8/8", "/8",
                "10.0.0.0/ 8", "10.0.0.0/+8", "10.0.0.0/99999999999", "::ffff:10.0.0.0/95"}) {
            assertNull(network.eval("10.0.0.1", cidr), cidr);
        }
        assertNull(network.eval(null, "10.0.0.0/8"));
        assertNull(network.eval("10.0.0.1", null));
    }

    @Test
    void anyTextIsAnAnswerOrNone() {
        Random random = new Random(3);
        String alphabet = "0123456789abcdefg:./ -%";
        for (int i = 0; i < 200_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(20); length > 0; length--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            network.eval(text.toString(), "10.0.0.0/8");
            network.eval("10.0.0.1", text.toString());
        }
    }
}
