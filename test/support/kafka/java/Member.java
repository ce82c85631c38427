import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** A member of a group with a thread that polls; it commits what it has received. */
final class Member implements ConsumerRebalanceListener {
  private final KafkaConsumer<String, String> consumer;
  private final Thread thread;
  private final TreeSet<Integer> assigned = new TreeSet<>();
  private final List<Integer> revoked = new ArrayList<>();
  private final List<String> received = new ArrayList<>();
  private int assignments;
  private volatile boolean closing;
  private volatile RuntimeException error;

  Member(Map<String, Object> base, JsonNode args) {
    Map<String, Object> config = Main.withStrings(base, false);
    config.put("group.id", args.get(0).asText());
    config.put("auto.offset.reset", "earliest");
    config.put("enable.auto.commit", "false");
    config.put("session.timeout.ms", "10000");
    config.put("heartbeat.interval.ms", "300");
    config.put("partition.assignment.strategy", "org.apache.kafka.clients.consumer."
        + (args.get(2).asText().equals("cooperative") ? "CooperativeStickyAssignor" : "RangeAssignor"));
    if (!args.get(3).isNull()) config.put("group.instance.id", args.get(3).asText());
    consumer = new KafkaConsumer<>(config);
    consumer.subscribe(Collections.singletonList(args.get(1).asText()), this);
    thread = new Thread(this::run);
    thread.start();
  }

  private void run() {
    try {
      while (!closing) {
        ConsumerRecords<String, String> records = consumer.poll(Duration.ofMillis(100));
        synchronized (this) {
          for (ConsumerRecord<String, String> record : records) received.add(record.value());
        }
        if (!records.isEmpty()) consumer.commitSync();
      }
      consumer.close();
    } catch (RuntimeException failed) {
      error = failed;
    }
  }

  @Override
  public synchronized void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    for (TopicPartition at : partitions) assigned.add(at.partition());
    assignments++;
  }

  @Override
  public synchronized void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    for (TopicPartition at : partitions) {
      assigned.remove(at.partition());
      if (!closing) revoked.add(at.partition());
    }
  }

  private void check() {
    if (error != null) throw error;
  }

  synchronized List<Integer> assigned() {
    check();
    return new ArrayList<>(assigned);
  }

  synchronized List<Integer> revoked() {
    return new ArrayList<>(revoked);
  }

  synchronized int assignments() {
    return assignments;
  }

  synchronized List<String> received() {
    check();
    return new ArrayList<>(received);
  }

  Object close() {
    closing = true;
    try {
      thread.join();
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
    check();
    return null;
  }
}
