"""The client matrix's calls by kafka-python."""
import json
import sys
import time

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.consumer.subscription_state import ConsumerRebalanceListener
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.structs import OffsetAndMetadata

from calls import Calls, MemberThread, data, serve, text


class Member(MemberThread, ConsumerRebalanceListener):
    """It commits what it has received after each poll."""

    def __init__(self, config, topic):
        MemberThread.__init__(self)
        self.consumer = KafkaConsumer(**config)
        self.consumer.subscribe([topic], listener=self)
        # The topic is known to the group's part before the first join. Else a leader joins again as soon as it is,
        # and where that outlasts a poll it never ends the rejoin: it sends no heartbeats and may miss what it got.
        # A broker that waits for a group's first members hides that; ours does not wait.
        self.consumer.topics()
        self.thread.start()

    def on_partitions_assigned(self, assigned):
        self.given([p.partition for p in assigned])

    def on_partitions_revoked(self, revoked):
        self.taken([p.partition for p in revoked])

    def poll(self):
        polled = self.consumer.poll(100)
        for records in polled.values():
            self.received += [text(record.value) for record in records]
        if polled:
            self.consumer.commit()


def checked(results):
    """Fails with the first error among results by partition."""
    for error in results.values():
        if error is not None and getattr(error, "errno", 0) != 0:
            raise error()
    return results


class Client(Calls):
    def __init__(self, connection):
        super().__init__()
        sasl, ca = connection.get("sasl"), connection.get("ca")
        self.base = {
            "bootstrap_servers": connection["bootstrap"],
            "client_id": "matrix-kafka-python",
            "security_protocol": ("SASL_" if sasl else "") + ("SSL" if ca else "PLAINTEXT"),
            "request_timeout_ms": 20000,
            "bootstrap_timeout_ms": 5000,
        }
        if ca:
            self.base["ssl_cafile"] = ca
        if sasl:
            self.base.update({
                "sasl_mechanism": sasl["mechanism"],
                "sasl_plain_username": sasl["username"],
                "sasl_plain_password": sasl["password"],
            })
        self.admin = KafkaAdminClient(**self.base)

    def ready(self):
        self.admin.list_topics()

    def send_to(self, producer, topic, records):
        sent = []
        for record in records:
            headers = [(k, data(v)) for k, v in record.get("headers", [])]
            sent.append(producer.send(topic, key=data(record["key"]), value=data(record["value"]), headers=headers,
                                      partition=record.get("partition")))
        producer.flush(30)
        for future in sent:
            future.get(20)

    def produce(self, topic, records, options):
        codec = options.get("codec", "none")
        producer = KafkaProducer(
            **self.base,
            acks="all",
            linger_ms=5,
            compression_type=None if codec == "none" else codec,
            enable_idempotence=options.get("idempotent", False),
        )
        self.send_to(producer, topic, records)
        producer.close()

    def consume(self, topic, count, committed):
        consumer = KafkaConsumer(
            **self.base,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed" if committed else "read_uncommitted",
        )
        partitions = [TopicPartition(topic, p) for p in consumer.partitions_for_topic(topic)]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        read, deadline = [], time.time() + 30
        while len(read) < count:
            if time.time() > deadline:
                raise TimeoutError(f"{len(read)} of {count} records of {topic}")
            for records in consumer.poll(200).values():
                read += [{
                    "partition": record.partition,
                    "offset": record.offset,
                    "timestamp": record.timestamp,
                    "key": text(record.key),
                    "value": text(record.value),
                    "headers": [[k, text(v)] for k, v in record.headers],
                } for record in records]
        consumer.close()
        return read

    def join(self, group, topic, strategy, instance):
        cooperative = strategy == "cooperative"
        return self.keep(Member({
            **self.base,
            "group_id": group,
            "group_instance_id": instance,
            "auto_offset_reset": "earliest",
            "enable_auto_commit": False,
            "session_timeout_ms": 10000,
            "heartbeat_interval_ms": 300,
            "partition_assignment_strategy":
                [CooperativeStickyAssignor if cooperative else RangePartitionAssignor],
        }, topic))

    def transactional(self, transactional_id):
        producer = KafkaProducer(**self.base, acks="all", enable_idempotence=True, transactional_id=transactional_id)
        producer.init_transactions()
        return self.keep(producer)

    def commit(self, producer):
        self.handles[producer].commit_transaction()

    def abort(self, producer):
        self.handles[producer].abort_transaction()

    def closeProducer(self, producer):
        self.handles[producer].close(5)

    def copy(self, job):
        consumer = KafkaConsumer(
            **self.base, group_id=job["group"], auto_offset_reset="earliest", enable_auto_commit=False,
            max_poll_records=job["perTransaction"],
        )
        consumer.subscribe([job["from"]])
        producer = self.handles[self.transactional(job["transactionalId"])]
        done, turn, deadline = 0, 0, time.time() + 40
        while done < job["count"]:
            if time.time() > deadline:
                raise TimeoutError(f"{done} of {job['count']} copied")
            for partition, some in consumer.poll(200).items():
                at = {partition: OffsetAndMetadata(some[-1].offset + 1, "", -1)}
                upper = [{"key": text(m.key), "value": text(m.value).upper()} for m in some]
                for end in ("abort", "commit") if turn % 2 else ("commit",):
                    producer.begin_transaction()
                    self.send_to(producer, job["to"], upper)
                    producer.send_offsets_to_transaction(at, consumer.group_metadata())
                    getattr(producer, end + "_transaction")()
                done += len(some)
                turn += 1
        consumer.close()
        producer.close()

    def admin_createTopic(self, name, partitions, config, replicas=1):
        options = {"num_partitions": partitions, "replication_factor": replicas, "configs": config}
        self.admin.create_topics({name: options}, wait_for_metadata=True)

    def admin_deleteTopic(self, name):
        self.admin.delete_topics([name])

    def admin_topics(self):
        return self.admin.list_topics()

    def admin_partitions(self, topic):
        return len(self.admin.describe_topics([topic])[0]["partitions"])

    def admin_createPartitions(self, topic, total):
        self.admin.create_partitions({topic: total})

    def admin_config(self, topic):
        resource = ConfigResource(ConfigResourceType.TOPIC, topic, configs=None)
        found = self.admin.describe_configs([resource], config_filter="all")["topic"][topic]
        return {name: entry["value"] for name, entry in found.items()}

    def admin_alterConfig(self, topic, name, value):
        self.admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs={name: value})])

    def admin_deleteRecords(self, topic, partition, before):
        self.admin.delete_records({TopicPartition(topic, partition): before})

    def admin_offsetFor(self, topic, partition, timestamp):
        at = TopicPartition(topic, partition)
        return self.admin.list_partition_offsets({at: timestamp})[at].offset

    def admin_groups(self):
        return [group["group_id"] for group in self.admin.list_groups()]

    def admin_group(self, group):
        found = self.admin.describe_groups([group])[group]
        return {"state": found["group_state"], "members": len(found["members"])}

    def admin_committed(self, group, topic):
        found = self.admin.list_group_offsets(group)[group]
        return {str(at.partition): where.offset for at, where in found.items() if at.topic == topic}

    def admin_resetOffset(self, group, topic, partition, offset):
        where = {TopicPartition(topic, partition): OffsetAndMetadata(offset, "", -1)}
        checked(self.admin.alter_group_offsets(group, where))

    def admin_deleteGroup(self, group):
        result = self.admin.delete_groups([group])[group]
        if result != "OK":
            raise RuntimeError(result)


serve(lambda: Client(json.loads(sys.argv[1])))
