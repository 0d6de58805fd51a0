package io.frauddetector.flink;

import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.annotation.InputGroup;
import org.apache.flink.table.functions.ScalarFunction;

/**
 * {@code fill_text(template, value, ...)}: a sentence for people, each {@code #} of the template
 * replaced by the next value; {@code \#} stands for a {@code #}.
 */
public final class FillText extends ScalarFunction {

    private transient Template template;

    public String eval(
            String written, @DataTypeHint(inputGroup = InputGroup.ANY) Object... values) {
        if (template == null || !template.of(written)) {
            template = new Template(written, "#");
        }
        StringBuilder text = new StringBuilder(written.length() + 16 * values.length);
        for (int i = 0; i < values.length; i++) {
            text.append(template.before(i)).append(Values.readable(values[i]));
        }
        return text.append(template.end()).toString();
    }
}
