package io.frauddetector.flink;

import java.util.Arrays;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.io.JsonStringEncoder;
import org.apache.flink.table.functions.AggregateFunction;

/**
 * {@code recent_ids(event_id)}: the ids of a trailing window's last 20 events, as a JSON array.
 *
 * <p>It relies on what a trailing window does: what leaves it is always older than all that stays.
 */
public final class RecentIds extends AggregateFunction<String, RecentIds.Kept> {

    private static final int MOST = 20;

    /** How many events the window holds, and the ids of the newest of them, oldest first. */
    public static final class Kept {
        public long count;
        public String[] ids = {};
    }

    @Override
    public Kept createAccumulator() {
        return new Kept();
    }

    public void accumulate(Kept kept, String id) {
        kept.count++;
        int keep = Math.min(kept.ids.length, MOST - 1);
        String[] ids = Arrays.copyOfRange(kept.ids, kept.ids.length - keep, kept.ids.length + 1);
        ids[keep] = id;
        kept.ids = ids;
    }

    public void retract(Kept kept, String id) {
        kept.count--;
        if (kept.ids.length > kept.count) {
            int from = (int) (kept.ids.length - kept.count);
            kept.ids = Arrays.copyOfRange(kept.ids, from, kept.ids.length);
        }
    }

    @Override
    public String getValue(Kept kept) {
        StringBuilder json = new StringBuilder("[");
        for (String id : kept.ids) {
            json.append(json.length() > 1 ? ",\"" : "\"");
            JsonStringEncoder.getInstance().quoteAsString(id == null ? "" : id, json);
            json.append('"');
        }
        return json.append(']').toString();
    }
}
