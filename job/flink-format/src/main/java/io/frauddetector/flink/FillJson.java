package io.frauddetector.flink;

import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.io.JsonStringEncoder;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.annotation.InputGroup;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.functions.ScalarFunction;

/**
 * {@code fill_json(template, value, ...)}: JSON text made of a template and values.
 *
 * <p>Each {@code ?} of the template becomes the next value as JSON, each {@code $} the next value as it
 * is, for text that is JSON already. What never changes stands in the template, so that an alert costs
 * its values only: Flink's JSON_OBJECT parses nested objects again and sorts the fields by name.
 */
public final class FillJson extends ScalarFunction {

    /** Each may become three bytes: what a record may hold, with room for its key. */
    private static final int MOST = 3_500_000;

    private static final int LONGEST = 1000;

    private transient Template template;
    private transient StringBuilder json;

    @Override
    public void open(FunctionContext context) {
        json = new StringBuilder(1024);
    }

    public String eval(
            String written, @DataTypeHint(inputGroup = InputGroup.ANY) Object... values) {
        if (template == null || !template.of(written)) {
            template = new Template(written, "?$");
        }
        fill(values, Integer.MAX_VALUE);
        if (json.length() > MOST) {
            // Kafka would refuse it and the job would end: rather an alert with a text cut off
            fill(values, LONGEST);
            String cut = json.toString();
            json = new StringBuilder(1024);
            return cut;
        }
        return json.toString();
    }

    private void fill(Object[] values, int longest) {
        json.setLength(0);
        for (int i = 0; i < values.length; i++) {
            json.append(template.before(i));
            if (template.marker(i) == '$') {
                String made = String.valueOf(values[i]);
                json.append(made.length() > 20L * longest ? "[]" : made);
            } else {
                append(values[i], longest);
            }
        }
        json.append(template.end());
    }

    private void append(Object value, int longest) {
        if (value == null) {
            json.append("null");
        } else if (value instanceof Boolean || value instanceof Number) {
            json.append(Values.number(value));
        } else {
            json.append('"');
            String text = Values.text(value);
            JsonStringEncoder.getInstance()
                    .quoteAsString(text.length() > longest ? text.substring(0, longest) + "…" : text, json);
            json.append('"');
        }
    }
}
