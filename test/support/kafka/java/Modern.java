import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/** Administration, and consume-transform-produce, by a client of today. */
public final class Modern implements Main.Extra {
  private final Map<String, Object> base;
  private final Admin admin;

  public Modern(Map<String, Object> base) {
    this.base = base;
    this.admin = Admin.create(base);
  }

  private static <T> T get(KafkaFuture<T> future) throws Exception {
    try {
      return future.get(20, TimeUnit.SECONDS);
    } catch (ExecutionException error) {
      throw (Exception) error.getCause();
    }
  }

  @Override
  public Object call(String name, JsonNode args) throws Exception {
    String first = args.isEmpty() ? "" : args.get(0).asText();
    switch (name) {
      case "copy": return copy(args.get(0));
      case "admin.createTopic": return createTopic(first, args);
      case "admin.deleteTopic": return get(admin.deleteTopics(List.of(first)).all());
      case "admin.topics": return get(admin.listTopics().names());
      case "admin.partitions":
        return get(admin.describeTopics(List.of(first)).allTopicNames()).get(first).partitions().size();
      case "admin.createPartitions":
        return get(admin.createPartitions(Map.of(first, NewPartitions.increaseTo(args.get(1).asInt()))).all());
      case "admin.config": return config(first);
      case "admin.alterConfig": return alterConfig(first, args.get(1).asText(), args.get(2).asText());
      case "admin.deleteRecords":
        return get(admin.deleteRecords(Map.of(at(args), RecordsToDelete.beforeOffset(args.get(2).asLong()))).all());
      case "admin.offsetFor": return offsetFor(at(args), args.get(2).asLong());
      case "admin.groups":
        return get(admin.listGroups().all()).stream().map(group -> group.groupId()).collect(Collectors.toList());
      case "admin.group": return group(first);
      case "admin.committed": return committed(first, args.get(1).asText());
      case "admin.resetOffset":
        TopicPartition at = new TopicPartition(args.get(1).asText(), args.get(2).asInt());
        return get(admin.alterConsumerGroupOffsets(first, Map.of(at, new OffsetAndMetadata(args.get(3).asLong()))).all());
      case "admin.deleteGroup": return get(admin.deleteConsumerGroups(List.of(first)).all());
      default: throw new UnsupportedOperationException(name);
    }
  }

  private static TopicPartition at(JsonNode args) {
    return new TopicPartition(args.get(0).asText(), args.get(1).asInt());
  }

  private Object createTopic(String name, JsonNode args) throws Exception {
    Map<String, String> config = new HashMap<>();
    args.get(2).fields().forEachRemaining(entry -> config.put(entry.getKey(), entry.getValue().asText()));
    short replicas = args.has(3) ? (short) args.get(3).asInt() : 1;
    return get(admin.createTopics(List.of(new NewTopic(name, args.get(1).asInt(), replicas).configs(config))).all());
  }

  private Map<String, String> config(String topic) throws Exception {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    Map<String, String> found = new HashMap<>();
    get(admin.describeConfigs(List.of(resource)).all()).get(resource).entries()
        .forEach(entry -> found.put(entry.name(), entry.value()));
    return found;
  }

  private Object alterConfig(String topic, String name, String value) throws Exception {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    AlterConfigOp change = new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
    return get(admin.incrementalAlterConfigs(Map.of(resource, List.of(change))).all());
  }

  private long offsetFor(TopicPartition at, long timestamp) throws Exception {
    OffsetSpec spec = timestamp == -1 ? OffsetSpec.latest()
        : timestamp == -2 ? OffsetSpec.earliest() : OffsetSpec.forTimestamp(timestamp);
    return get(admin.listOffsets(Map.of(at, spec)).partitionResult(at)).offset();
  }

  private Object group(String group) throws Exception {
    ConsumerGroupDescription found = get(admin.describeConsumerGroups(List.of(group)).all()).get(group);
    GroupState state = found.groupState();
    return Map.of("state", state.toString(), "members", found.members().size());
  }

  private Map<String, Long> committed(String group, String topic) throws Exception {
    Map<String, Long> found = new HashMap<>();
    get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata()).forEach((at, offset) -> {
      if (at.topic().equals(topic) && offset != null) found.put(String.valueOf(at.partition()), offset.offset());
    });
    return found;
  }

  private Object copy(JsonNode job) throws Exception {
    Map<String, Object> reading = Main.withStrings(base, false);
    reading.put("group.id", job.get("group").asText());
    reading.put("auto.offset.reset", "earliest");
    reading.put("enable.auto.commit", "false");
    reading.put("max.poll.records", job.get("perTransaction").asText());
    Map<String, Object> writing = Main.withStrings(base, true);
    writing.put("transactional.id", job.get("transactionalId").asText());
    int done = 0;
    int turn = 0;
    long deadline = System.currentTimeMillis() + 40_000;
    try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(reading);
        KafkaProducer<String, String> producer = new KafkaProducer<>(writing)) {
      producer.initTransactions();
      consumer.subscribe(List.of(job.get("from").asText()));
      while (done < job.get("count").asInt()) {
        if (System.currentTimeMillis() > deadline) throw new IllegalStateException(done + " copied");
        List<ConsumerRecord<String, String>> some = new ArrayList<>();
        consumer.poll(Duration.ofMillis(200)).forEach(some::add);
        if (some.isEmpty()) continue;
        if (turn % 2 == 1) {
          begin(producer, consumer, job, some);
          producer.abortTransaction();
        }
        begin(producer, consumer, job, some);
        producer.commitTransaction();
        done += some.size();
        turn++;
      }
    }
    return null;
  }

  private static void begin(KafkaProducer<String, String> producer, KafkaConsumer<String, String> consumer,
      JsonNode job, List<ConsumerRecord<String, String>> some) throws Exception {
    ConsumerRecord<String, String> last = some.get(some.size() - 1);
    ArrayNode upper = Main.JSON.createArrayNode();
    for (ConsumerRecord<String, String> record : some)
      upper.addObject().put("key", record.key()).put("value", record.value().toUpperCase());
    producer.beginTransaction();
    Main.send(producer, job.get("to").asText(), upper);
    producer.sendOffsetsToTransaction(Collections.singletonMap(
        new TopicPartition(last.topic(), last.partition()), new OffsetAndMetadata(last.offset() + 1)),
        consumer.groupMetadata());
  }
}
