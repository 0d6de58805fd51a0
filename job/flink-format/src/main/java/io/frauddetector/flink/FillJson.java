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
        json.setLength(0);
        for (int i = 0; i < values.length; i++) {
            json.append(template.before(i));
            if (template.marker(i) == '$') {
                json.append(values[i]);
            } else {
                append(values[i]);
            }
        }
        return json.append(template.end()).toString();
    }

    private void append(Object value) {
        if (value == null) {
            json.append("null");
        } else if (value instanceof Boolean || value instanceof Number) {
            json.append(Values.number(value));
        } else {
            json.append('"');
            JsonStringEncoder.getInstance().quoteAsString(Values.text(value), json);
            json.append('"');
        }
    }
}
