package io.frauddetector.flink;

import org.apache.flink.kafka.shaded.org.apache.kafka.common.config.ConfigData;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.config.ConfigException;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.config.provider.ConfigProvider;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Secrets for Kafka's clients by reference: {@code ${secret:quoted:password}} is read from a file where the client is
 * made, so that no plan, log or command line holds it.
 *
 * <p>The path says how the file's text is wanted: {@code plain} as it is, {@code quoted} as it stands between the
 * quotes of a JAAS configuration and without line breaks at its end. Kafka's own providers don't quote, and a quote in
 * a password would end it there.
 */
public final class SecretFiles implements ConfigProvider {

    private static final String DIRECTORY = "directory";
    private static final String QUOTED = "quoted";

    private Path directory;

    @Override
    public void configure(Map<String, ?> settings) {
        directory = Path.of(String.valueOf(settings.get(DIRECTORY)));
    }

    @Override
    public ConfigData get(String path) {
        throw new ConfigException("secrets are asked for one by one");
    }

    @Override
    public ConfigData get(String path, Set<String> keys) {
        Map<String, String> found = new HashMap<>();
        for (String key : keys) {
            String text = read(directory.resolve(key));
            found.put(key, path.equals(QUOTED) ? quoted(text) : text);
        }
        return new ConfigData(found);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            // not its message: that of broken UTF-8 tells of the content
            throw new ConfigException("cannot read the secret in " + file + " (" + e.getClass().getSimpleName() + ")");
        }
    }

    static String quoted(String text) {
        return text.replaceAll("[\\r\\n]+$", "")
                .replace("\\", "\\\\")
                .replace("\"", "\\\"")
                .replace("\n", "\\n")
                .replace("\r", "\\r");
    }

    @Override
    public void close() {}
}
