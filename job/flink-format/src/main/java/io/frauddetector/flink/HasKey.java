package io.frauddetector.flink;

import java.util.HashMap;
import java.util.Map;
import java.util.WeakHashMap;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.annotation.InputGroup;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.functions.ScalarFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code has_key(owner, names, id, value, ...)}: whether no column of a key is null. What lacks one is nobody's: it
 * never alerts, and the metric {@code eventsWithoutKey} of its rule counts it; the log names the first of a rule.
 */
public final class HasKey extends ScalarFunction {

    private static final Logger LOG = LoggerFactory.getLogger(HasKey.class);

    /** A counter's name can be given once in a group, and a rule may ask several times in one operator. */
    private static final Map<MetricGroup, Counter> COUNTERS = new WeakHashMap<>();

    private transient FunctionContext context;
    private transient Map<String, Counter> counters;

    @Override
    public void open(FunctionContext context) {
        this.context = context;
        this.counters = new HashMap<>();
    }

    /** Whether the key is whole. */
    public Boolean eval(
            String owner,
            String names,
            String id,
            @DataTypeHint(inputGroup = InputGroup.ANY) Object... values) {
        for (int i = 0; i < values.length; i++) {
            if (values[i] == null) {
                Counter counter = counters.computeIfAbsent(owner, this::counter);
                if (counter.getCount() == 0) {
                    LOG.warn("{}: event {} is nobody's, {} is null", owner, id, names.split(",")[i]);
                }
                counter.inc();
                return false;
            }
        }
        return true;
    }

    private Counter counter(String owner) {
        int blank = owner.indexOf(' ');
        MetricGroup group =
                context.getMetricGroup().addGroup(owner.substring(0, blank), owner.substring(blank + 1));
        synchronized (COUNTERS) {
            return COUNTERS.computeIfAbsent(group, one -> one.counter("eventsWithoutKey"));
        }
    }

    @Override
    public boolean supportsConstantFolding() {
        return false;
    }
}
