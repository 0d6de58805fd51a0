package io.frauddetector.flink;

import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.flink.kafka.shaded.org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.flink.kafka.shaded.org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topic of the rules' dead letters: one producer for a topic in this JVM, made when the first letter comes, closed
 * with the last who uses it.
 *
 * <p>A thread of its own sends, so no operator ever waits; what it can't take in time is left out and logged.
 */
final class RuleDeadLetters {

    /** The job parameter that says where and how: JSON in base64, the client's properties and {@code topic}. */
    static final String PARAMETER = "rules-dead-letters";

    private static final Logger LOG = LoggerFactory.getLogger(RuleDeadLetters.class);
    private static final Map<String, RuleDeadLetters> SHARED = new HashMap<>();
    private static final int WAITING = 1000;
    private static final Duration LAST = Duration.ofSeconds(5);
    private static final Letter END = new Letter(null, List.of());

    private final String written;
    private final BlockingQueue<Letter> waiting = new ArrayBlockingQueue<>(WAITING);
    private final Thread sender;
    private int users;
    private boolean complained;

    private record Letter(String value, List<String[]> headers) {}

    private RuleDeadLetters(String written) {
        this.written = written;
        this.sender = new Thread(this::work, "rules-dead-letters");
        sender.setDaemon(true);
        sender.setContextClassLoader(RuleDeadLetters.class.getClassLoader());
        sender.start();
    }

    /** The one for a topic; whoever asks gives it back by {@link #release}. */
    static synchronized RuleDeadLetters shared(String written) {
        RuleDeadLetters found = SHARED.computeIfAbsent(written, RuleDeadLetters::new);
        found.users++;
        return found;
    }

    void offer(String value, List<String[]> headers) {
        if (!waiting.offer(new Letter(value, headers))) {
            complain("more results are unknown than can be told", null);
        }
    }

    void release() {
        synchronized (RuleDeadLetters.class) {
            if (--users > 0) {
                return;
            }
            SHARED.remove(written);
        }
        try {
            if (waiting.offer(END, LAST.toMillis(), TimeUnit.MILLISECONDS)) {
                sender.join(2 * LAST.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void work() {
        try {
            Map<String, Object> properties = properties();
            String topic = String.valueOf(properties.remove("topic"));
            try (Client client = new Client(new KafkaProducer<>(properties))) {
                for (Letter next = waiting.take(); next != END; next = waiting.take()) {
                    client.send(topic, next);
                }
            }
        } catch (Exception e) {
            complain("unknown results can't be told", e);
        }
    }

    private Map<String, Object> properties() throws Exception {
        Map<String, Object> found = new HashMap<>();
        byte[] json = Base64.getUrlDecoder().decode(written);
        new ObjectMapper().readTree(json).properties().forEach(one -> found.put(one.getKey(), one.getValue().asText()));
        found.put("key.serializer", ByteArraySerializer.class.getName());
        found.put("value.serializer", ByteArraySerializer.class.getName());
        found.put("max.block.ms", String.valueOf(LAST.toMillis()));
        found.put("delivery.timeout.ms", "30000");
        found.put("request.timeout.ms", "10000");
        return found;
    }

    private void complain(String what, Exception why) {
        if (!complained) {
            complained = true;
            LOG.warn("{}; the metric unknownResults counts them still", what, why);
        }
    }

    private final class Client implements AutoCloseable {
        private final KafkaProducer<byte[], byte[]> producer;

        Client(KafkaProducer<byte[], byte[]> producer) {
            this.producer = producer;
        }

        void send(String topic, Letter letter) {
            ProducerRecord<byte[], byte[]> record =
                    new ProducerRecord<>(topic, null, Unknowns.utf8(letter.value));
            letter.headers.forEach(one -> record.headers().add(one[0], Unknowns.utf8(one[1])));
            try {
                producer.send(
                        record,
                        (done, failure) -> {
                            if (failure != null) {
                                complain("unknown results can't be told", failure);
                            }
                        });
            } catch (Exception e) {
                complain("unknown results can't be told", e);
            }
        }

        @Override
        public void close() {
            producer.close(LAST);
        }
    }
}
