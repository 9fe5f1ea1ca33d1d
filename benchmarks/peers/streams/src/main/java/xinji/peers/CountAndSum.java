package xinji.peers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.state.KeyValueStore;

/** Kafka Streams with RocksDB and a changelog topic; see ../job.py for the job. Every new state is emitted: no cache. */
public final class CountAndSum {
    private static final int FRAME = 5;

    private final Map<Integer, GenericDatumReader<GenericRecord>> readers = new HashMap<>();
    private BinaryDecoder decoder;

    private CountAndSum(Path schemas) throws IOException {
        for (Map.Entry<String, JsonNode> each : new ObjectMapper().readTree(schemas.toFile()).properties()) {
            Schema schema = new Schema.Parser().parse(each.getValue().toString());
            readers.put(Integer.valueOf(each.getKey()), new GenericDatumReader<>(schema));
        }
    }

    public static void main(String[] args) throws Exception {
        KafkaStreams streams = new KafkaStreams(new CountAndSum(Path.of(told("SCHEMAS"))).topology().build(), settings());
        CountDownLatch ended = new CountDownLatch(1);
        streams.setUncaughtExceptionHandler(problem -> {
            problem.printStackTrace();
            Runtime.getRuntime().halt(1);
            return null;
        });
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            streams.close();
            ended.countDown();
        }));
        streams.start();
        ended.await();
    }

    private static String told(String name) {
        return System.getenv("PEER_" + name);
    }

    private static Properties settings() {
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, told("GROUP"));
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, told("BOOTSTRAP"));
        settings.put(StreamsConfig.STATE_DIR_CONFIG, told("STATE"));
        settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        return settings;
    }

    private StreamsBuilder topology() {
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream(told("SOURCE"), Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()))
            .groupByKey(Grouped.with(Serdes.ByteArray(), Serdes.ByteArray()))
            .aggregate(
                () -> new byte[2 * Long.BYTES],
                (key, value, state) -> added(state, fine(value)),
                Materialized.<byte[], byte[], KeyValueStore<Bytes, byte[]>>as("states")
                    .withKeySerde(Serdes.ByteArray())
                    .withValueSerde(Serdes.ByteArray())
                    .withCachingDisabled())
            .toStream()
            .to(told("TARGET"), Produced.with(Serdes.ByteArray(), Serdes.ByteArray()));
        return builder;
    }

    private static byte[] added(byte[] state, long fine) {
        ByteBuffer held = ByteBuffer.wrap(state);
        return ByteBuffer.allocate(2 * Long.BYTES).putLong(held.getLong() + 1).putLong(held.getLong() + fine).array();
    }

    /** Decodes one framed event wholly; its fine in cents, 0 where it has none. One stream thread, so one decoder. */
    private long fine(byte[] value) {
        decoder = DecoderFactory.get().binaryDecoder(value, FRAME, value.length - FRAME, decoder);
        try {
            GenericRecord event = readers.get(ByteBuffer.wrap(value, 1, Integer.BYTES).getInt()).read(null, decoder);
            ByteBuffer amount = event.hasField("fine_amount") ? (ByteBuffer) event.get("fine_amount") : null;
            if (amount == null) {
                return 0;
            }
            byte[] unscaled = new byte[amount.remaining()];
            amount.duplicate().get(unscaled);
            return new BigInteger(unscaled).longValueExact();
        } catch (IOException broken) {
            throw new IllegalStateException(broken);
        }
    }
}
