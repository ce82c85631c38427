import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;

/** The client matrix's calls by Kafka's own Java client: one JSON call a line in, one JSON answer a line out. */
public final class Main {
  /** Calls that need a client newer than 2.1; made by reflection, so that this file compiles against 2.1 too. */
  interface Extra {
    Object call(String name, JsonNode args) throws Exception;
  }

  static final ObjectMapper JSON = new ObjectMapper();
  private final Map<String, Object> base;
  private final Extra extra;
  private final Map<Integer, Object> handles = new ConcurrentHashMap<>();

  private Main(Map<String, Object> base, Extra extra) {
    this.base = base;
    this.extra = extra;
  }

  public static void main(String[] words) throws Exception {
    Map<String, Object> base = connection(JSON.readTree(words[0]));
    Extra extra = null;
    try {
      extra = (Extra) Class.forName("Modern").getConstructor(Map.class).newInstance(base);
    } catch (ClassNotFoundException old) {
      System.err.println("an old client: no administration");
    }
    Main main = new Main(base, extra);
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      JsonNode call = JSON.readTree(line);
      new Thread(() -> main.answer(call)).start();
    }
    main.handles.values().stream().filter(Member.class::isInstance).forEach(member -> ((Member) member).close());
    System.exit(0);
  }

  private void answer(JsonNode call) {
    ObjectNode answer = JSON.createObjectNode().put("id", call.get("id").asInt());
    try {
      answer.set("result", JSON.valueToTree(run(call.get("call").asText(), call.get("args"))));
    } catch (Throwable error) {
      answer.put("error", error.toString() + (error.getCause() == null ? "" : ": " + error.getCause()));
    }
    synchronized (System.out) {
      System.out.println(answer);
      System.out.flush();
    }
  }

  private static Map<String, Object> connection(JsonNode to) {
    Map<String, Object> config = new HashMap<>();
    config.put("bootstrap.servers", to.get("bootstrap").asText());
    config.put("request.timeout.ms", "20000");
    boolean encrypted = to.has("ca");
    config.put("security.protocol", (to.has("sasl") ? "SASL_" : "") + (encrypted ? "SSL" : "PLAINTEXT"));
    if (encrypted) {
      config.put("ssl.truststore.type", "PEM");
      config.put("ssl.truststore.location", to.get("ca").asText());
    }
    if (to.has("sasl")) {
      JsonNode sasl = to.get("sasl");
      String mechanism = sasl.get("mechanism").asText();
      String module = mechanism.equals("PLAIN") ? "plain.PlainLoginModule" : "scram.ScramLoginModule";
      config.put("sasl.mechanism", mechanism);
      config.put("sasl.jaas.config", String.format(
          "org.apache.kafka.common.security.%s required username=\"%s\" password=\"%s\";",
          module, sasl.get("username").asText(), sasl.get("password").asText()));
    }
    return config;
  }

  private Object run(String name, JsonNode args) throws Exception {
    switch (name) {
      case "ready": return ready();
      case "produce": return produce(args.get(0).asText(), args.get(1), args.get(2));
      case "consume": return consume(args.get(0).asText(), args.get(1).asInt(), args.get(2).asBoolean());
      case "join": return keep(new Member(base, args));
      case "assigned": return member(args).assigned();
      case "revoked": return member(args).revoked();
      case "assignments": return member(args).assignments();
      case "received": return member(args).received();
      case "closeMember": return member(args).close();
      case "transactional": return keep(transactional(args.get(0).asText()));
      case "begin": producer(args).beginTransaction(); return null;
      case "send": return send(producer(args), args.get(1).asText(), args.get(2));
      case "commit": producer(args).commitTransaction(); return null;
      case "abort": producer(args).abortTransaction(); return null;
      case "closeProducer": producer(args).close(); return null;
      default:
        if (extra == null) throw new UnsupportedOperationException(name);
        return extra.call(name, args);
    }
  }

  /** Fails when the broker or the user's name is refused. */
  private Object ready() {
    try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(withStrings(base, false))) {
      return consumer.listTopics(Duration.ofSeconds(10)).size();
    }
  }

  private synchronized int keep(Object thing) {
    int number = handles.size();
    handles.put(number, thing);
    return number;
  }

  private Member member(JsonNode args) {
    return (Member) handles.get(args.get(0).asInt());
  }

  @SuppressWarnings("unchecked")
  private KafkaProducer<String, String> producer(JsonNode args) {
    return (KafkaProducer<String, String>) handles.get(args.get(0).asInt());
  }

  static Map<String, Object> withStrings(Map<String, Object> base, boolean producer) {
    Map<String, Object> config = new HashMap<>(base);
    String word = producer ? "serializ" : "deserializ";
    String type = "org.apache.kafka.common.serialization.String" + (producer ? "Serializer" : "Deserializer");
    config.put("key." + word + "er", type);
    config.put("value." + word + "er", type);
    return config;
  }

  private KafkaProducer<String, String> transactional(String id) {
    Map<String, Object> config = withStrings(base, true);
    config.put("transactional.id", id);
    KafkaProducer<String, String> producer = new KafkaProducer<>(config);
    producer.initTransactions();
    return producer;
  }

  static String text(JsonNode node) {
    return node == null || node.isNull() ? null : node.asText();
  }

  static Object send(KafkaProducer<String, String> producer, String topic, JsonNode records) throws Exception {
    List<Future<?>> sent = new ArrayList<>();
    for (JsonNode record : records) {
      Integer partition = record.has("partition") ? record.get("partition").asInt() : null;
      ProducerRecord<String, String> out =
          new ProducerRecord<>(topic, partition, text(record.get("key")), text(record.get("value")));
      if (record.has("headers")) {
        for (JsonNode header : record.get("headers")) {
          String value = text(header.get(1));
          byte[] bytes = value == null ? null : value.getBytes(StandardCharsets.UTF_8);
          out.headers().add(header.get(0).asText(), bytes);
        }
      }
      sent.add(producer.send(out));
    }
    for (Future<?> future : sent) {
      try {
        future.get(30, TimeUnit.SECONDS);
      } catch (ExecutionException error) {
        throw (Exception) error.getCause();
      }
    }
    return null;
  }

  private Object produce(String topic, JsonNode records, JsonNode options) throws Exception {
    Map<String, Object> config = withStrings(base, true);
    config.put("linger.ms", "5");
    config.put("acks", "all");
    config.put("delivery.timeout.ms", "25000");
    config.put("compression.type", options.has("codec") ? options.get("codec").asText() : "none");
    config.put("enable.idempotence", options.has("idempotent") && options.get("idempotent").asBoolean());
    try (KafkaProducer<String, String> producer = new KafkaProducer<>(config)) {
      return send(producer, topic, records);
    }
  }

  private ArrayNode consume(String topic, int count, boolean committed) {
    Map<String, Object> config = withStrings(base, false);
    config.put("isolation.level", committed ? "read_committed" : "read_uncommitted");
    config.put("enable.auto.commit", "false");
    ArrayNode read = JSON.createArrayNode();
    try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(config)) {
      consumer.assign(consumer.partitionsFor(topic).stream()
          .map(partition -> new TopicPartition(topic, partition.partition())).collect(Collectors.toList()));
      consumer.seekToBeginning(consumer.assignment());
      long deadline = System.currentTimeMillis() + 30_000;
      while (read.size() < count) {
        if (System.currentTimeMillis() > deadline)
          throw new IllegalStateException(read.size() + " of " + count + " records of " + topic);
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) read.add(toJson(record));
      }
    }
    return read;
  }

  private static ObjectNode toJson(ConsumerRecord<String, String> record) {
    ArrayNode headers = JSON.createArrayNode();
    for (Header header : record.headers()) {
      ArrayNode pair = headers.addArray().add(header.key());
      if (header.value() == null) pair.addNull();
      else pair.add(new String(header.value(), StandardCharsets.UTF_8));
    }
    ObjectNode json = JSON.createObjectNode()
        .put("partition", record.partition())
        .put("offset", record.offset())
        .put("timestamp", record.timestamp())
        .put("key", record.key())
        .put("value", record.value());
    json.set("headers", headers);
    return json;
  }
}
