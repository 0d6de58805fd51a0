package io.frauddetector.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.apache.flink.kafka.shaded.org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.flink.kafka.shaded.org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.flink.kafka.shaded.org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.config.AbstractConfig;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.config.ConfigException;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.config.SaslConfigs;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.config.SslConfigs;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.config.types.Password;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.security.JaasContext;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Secrets that Kafka's own clients read from files, whatever is in them. */
class SecretFilesTest {

    private static final String MODULE =
            "org.apache.flink.kafka.shaded.org.apache.kafka.common.security.plain.PlainLoginModule";

    @TempDir Path directory;

    private Map<String, Object> settings() {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", "localhost:1");
        settings.put("config.providers", "secret");
        settings.put("config.providers.secret.class", SecretFiles.class.getName());
        settings.put("config.providers.secret.param.directory", directory.toString());
        settings.put(
                "sasl.jaas.config",
                MODULE + " required username=\"${secret:quoted:username}\" password=\"${secret:quoted:password}\";");
        settings.put("ssl.truststore.certificates", "${secret:plain:ca.crt}");
        settings.put("key.deserializer", ByteArrayDeserializer.class);
        settings.put("value.deserializer", ByteArrayDeserializer.class);
        settings.put("key.serializer", ByteArraySerializer.class);
        settings.put("value.serializer", ByteArraySerializer.class);
        return settings;
    }

    private void write(String key, String text) throws IOException {
        Files.writeString(directory.resolve(key), text);
    }

    private static Object login(AbstractConfig config, String option) {
        Password jaas = config.getPassword(SaslConfigs.SASL_JAAS_CONFIG);
        Map<String, Object> clientConfig = Map.of(SaslConfigs.SASL_JAAS_CONFIG, jaas);
        return JaasContext.loadClientContext(clientConfig).configurationEntries().get(0).getOptions().get(option);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "simple", "two words", "a\"quote", "back\\slash", "\\\"both\\\\\"", "semi;colon=\"x\";", "${env:HOME}",
                "line\nbreak\rs", "Zoë\uD83D\uDE00", "'single'", "/* no */ // comment", "\\n", "\\101"
            })
    void everyKindOfClientReadsAnyPassword(String password) throws IOException {
        write("username", "us\"er\n");
        write("password", password + "\n");
        write("ca.crt", "-----BEGIN\n\"x\\y\"\nEND-----\n");
        for (AbstractConfig config :
                List.of(
                        new ConsumerConfig(settings()),
                        new ProducerConfig(settings()),
                        new AdminClientConfig(settings()))) {
            assertEquals("us\"er", login(config, "username"));
            assertEquals(password, login(config, "password"));
            assertEquals(
                    "-----BEGIN\n\"x\\y\"\nEND-----",
                    config.getPassword(SslConfigs.SSL_TRUSTSTORE_CERTIFICATES_CONFIG).value());
        }
    }

    @Test
    void aFileThatIsGoneIsNamed() throws IOException {
        write("username", "u");
        write("ca.crt", "c");
        ConfigException error = assertThrows(ConfigException.class, () -> new ConsumerConfig(settings()));
        assertTrue(error.getMessage().contains(directory.resolve("password").toString()), error.getMessage());
    }

    @Test
    void contentIsNeverToldInAnError() throws IOException {
        write("username", "u");
        write("ca.crt", "c");
        Files.write(directory.resolve("password"), new byte[] {'c', 'a', 'n', 'a', 'r', 'y', (byte) 0xff});
        ConfigException error = assertThrows(ConfigException.class, () -> new ConsumerConfig(settings()));
        assertFalse(error.getMessage().contains("canary"), error.getMessage());
    }
}
