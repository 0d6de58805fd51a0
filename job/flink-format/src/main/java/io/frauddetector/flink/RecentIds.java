package io.frauddetector.flink;

import java.util.Arrays;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.io.JsonStringEncoder;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.functions.AggregateFunction;

/**
 * {@code recent_ids(event_time, event_id)}: the ids of a trailing window's last 20 events, as a JSON array, in the order
 * of time and then of {@link IdOrder}.
 *
 * <p>It relies on what a trailing window does: events come instant by instant, those of one instant in any order, and
 * what leaves is always older than all that stays.
 */
public final class RecentIds extends AggregateFunction<String, RecentIds.Kept> {

    private static final int MOST = 20;

    /** How many events the window holds, and the ids of the newest of them, oldest first. */
    public static final class Kept {
        public long count;
        public String[] ids = {};

        /** The instant of the newest, and how many of the ids are of it. */
        public long instant;

        public int tied;
    }

    @Override
    public Kept createAccumulator() {
        return new Kept();
    }

    public void accumulate(
            Kept kept,
            @DataTypeHint(value = "TIMESTAMP_LTZ(3)", bridgedTo = Long.class) Long time,
            String id) {
        kept.count++;
        if (time != kept.instant) {
            kept.instant = time;
            kept.tied = 0;
        }
        kept.ids = with(kept.ids, kept.ids.length - kept.tied, id == null ? "" : id);
        kept.tied = Math.min(kept.tied + 1, MOST);
    }

    /** Ids with one more, which comes among those from a place on; the oldest goes where there are too many. */
    private static String[] with(String[] ids, int from, String id) {
        int place = ids.length;
        while (place > from && IdOrder.compare(ids[place - 1], id) > 0) {
            place--;
        }
        String[] all = Arrays.copyOf(ids, ids.length + 1);
        System.arraycopy(ids, place, all, place + 1, ids.length - place);
        all[place] = id;
        return all.length > MOST ? Arrays.copyOfRange(all, 1, all.length) : all;
    }

    public void retract(
            Kept kept,
            @DataTypeHint(value = "TIMESTAMP_LTZ(3)", bridgedTo = Long.class) Long time,
            String id) {
        kept.count--;
        if (kept.ids.length > kept.count) {
            int from = (int) (kept.ids.length - kept.count);
            kept.ids = Arrays.copyOfRange(kept.ids, from, kept.ids.length);
            kept.tied = Math.min(kept.tied, kept.ids.length);
        }
    }

    @Override
    public String getValue(Kept kept) {
        StringBuilder json = new StringBuilder("[");
        for (String id : kept.ids) {
            json.append(json.length() > 1 ? ",\"" : "\"");
            JsonStringEncoder.getInstance().quoteAsString(id, json);
            json.append('"');
        }
        return json.append(']').toString();
    }
}
