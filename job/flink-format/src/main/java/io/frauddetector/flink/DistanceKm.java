package io.frauddetector.flink;

import org.apache.flink.table.functions.ScalarFunction;

/**
 * {@code distance_km(lat1, lon1, lat2, lon2)}: the way between two points on a sphere of the earth's mean
 * radius, in kilometres; null where one of them is no point on earth.
 */
public final class DistanceKm extends ScalarFunction {

    private static final double MEAN_RADIUS_KM = 6371.0088;

    public Double eval(Double lat1, Double lon1, Double lat2, Double lon2) {
        if (!within(lat1, 90) || !within(lon1, 180) || !within(lat2, 90) || !within(lon2, 180)) {
            return null;
        }
        double north = haversine(lat2 - lat1);
        double east = haversine(lon2 - lon1);
        double both = north + Math.cos(Math.toRadians(lat1)) * Math.cos(Math.toRadians(lat2)) * east;
        // rounding must not put points at opposite ends of the earth beyond them
        return 2 * MEAN_RADIUS_KM * Math.asin(Math.sqrt(Math.min(1, both)));
    }

    private static boolean within(Double degrees, double most) {
        return degrees != null && Math.abs(degrees) <= most;
    }

    private static double haversine(double degrees) {
        double half = Math.sin(Math.toRadians(degrees) / 2);
        return half * half;
    }
}
