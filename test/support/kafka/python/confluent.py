"""The client matrix's calls by confluent-kafka (librdkafka)."""
import json
import sys
import time

import confluent_kafka as ck
from confluent_kafka import admin as ad

from calls import Calls, MemberThread, data, serve, text


def fail(error):
    if error is not None:
        raise ck.KafkaException(error)


class Member(MemberThread):
    """It commits each record that it has received."""

    def __init__(self, config, topic):
        super().__init__()
        self.consumer = ck.Consumer(config)
        self.consumer.subscribe([topic], on_assign=self.on_assign, on_revoke=self.on_revoke)
        self.thread.start()

    def on_assign(self, _, partitions):
        self.given([p.partition for p in partitions])

    def on_revoke(self, _, partitions):
        self.taken([p.partition for p in partitions])

    def poll(self):
        message = self.consumer.poll(0.1)
        if message is None:
            return
        fail(message.error())
        self.received.append(text(message.value()))
        self.consumer.commit(message, asynchronous=False)


class Client(Calls):
    def __init__(self, connection):
        super().__init__()
        self.base = {"bootstrap.servers": connection["bootstrap"], "client.id": "matrix-confluent"}
        sasl, ca = connection.get("sasl"), connection.get("ca")
        self.base["security.protocol"] = ("SASL_" if sasl else "") + ("SSL" if ca else "PLAINTEXT")
        if ca:
            self.base["ssl.ca.location"] = ca
        if sasl:
            self.base.update({
                "sasl.mechanism": sasl["mechanism"],
                "sasl.username": sasl["username"],
                "sasl.password": sasl["password"],
            })
        self.admin = ad.AdminClient(self.base)

    def ready(self):
        self.admin.list_topics(timeout=5)

    def send_to(self, producer, topic, records):
        errors = []
        for record in records:
            headers = [(k, data(v)) for k, v in record.get("headers", [])]
            at = {"partition": record["partition"]} if "partition" in record else {}
            value = record["value"]
            producer.produce(topic, key=record["key"], value=value, headers=headers, **at,
                             on_delivery=lambda error, _: errors.append(error) if error else None)
            producer.poll(0)
        if producer.flush(30) > 0:
            raise RuntimeError("not all records were delivered")
        for error in errors:
            fail(error)

    def produce(self, topic, records, options):
        producer = ck.Producer({
            **self.base,
            "linger.ms": 5,
            "compression.type": options.get("codec", "none"),
            "enable.idempotence": options.get("idempotent", False),
            "message.timeout.ms": 20000,
        })
        self.send_to(producer, topic, records)

    def consume(self, topic, count, committed):
        consumer = ck.Consumer({
            **self.base,
            "group.id": "confluent-reader",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "isolation.level": "read_committed" if committed else "read_uncommitted",
        })
        known = consumer.list_topics(topic, timeout=10).topics[topic]
        consumer.assign([ck.TopicPartition(topic, p, ck.OFFSET_BEGINNING) for p in known.partitions])
        read, deadline = [], time.time() + 30
        while len(read) < count:
            message = consumer.poll(0.2)
            if time.time() > deadline:
                raise TimeoutError(f"{len(read)} of {count} records of {topic}")
            if message is None:
                continue
            fail(message.error())
            read.append({
                "partition": message.partition(),
                "offset": message.offset(),
                "timestamp": message.timestamp()[1],
                "key": text(message.key()),
                "value": text(message.value()),
                "headers": [[k, text(v)] for k, v in message.headers() or []],
            })
        consumer.close()
        return read

    def join(self, group, topic, strategy, instance):
        return self.keep(Member({
            **self.base,
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "session.timeout.ms": 10000,
            "heartbeat.interval.ms": 300,
            "partition.assignment.strategy": "cooperative-sticky" if strategy == "cooperative" else "range",
            **({"group.instance.id": instance} if instance else {}),
        }, topic))

    def transactional(self, transactional_id):
        producer = ck.Producer({**self.base, "transactional.id": transactional_id})
        producer.init_transactions(20)
        return self.keep(producer)

    def commit(self, producer):
        self.handles[producer].commit_transaction(20)

    def abort(self, producer):
        self.handles[producer].abort_transaction(20)

    def closeProducer(self, producer):
        self.handles[producer] = None

    def copy(self, job):
        consumer = ck.Consumer({
            **self.base,
            "group.id": job["group"],
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        })
        consumer.subscribe([job["from"]])
        producer = ck.Producer({**self.base, "transactional.id": job["transactionalId"]})
        producer.init_transactions(20)
        done, turn, deadline = 0, 0, time.time() + 40
        while done < job["count"]:
            some = []
            while len(some) < job["perTransaction"]:
                some += consumer.consume(job["perTransaction"] - len(some), 0.2)
                if time.time() > deadline:
                    raise TimeoutError(f"{done} of {job['count']} copied")
            at = [ck.TopicPartition(job["from"], some[-1].partition(), some[-1].offset() + 1)]
            upper = [{"key": text(m.key()), "value": text(m.value()).upper()} for m in some]
            for end in ("abort", "commit") if turn % 2 else ("commit",):
                producer.begin_transaction()
                self.send_to(producer, job["to"], upper)
                producer.send_offsets_to_transaction(at, consumer.consumer_group_metadata(), 20)
                getattr(producer, end + "_transaction")(20)
            done += len(some)
            turn += 1
        consumer.close()

    def wait(self, futures):
        for future in futures.values():
            return future.result(20)

    def admin_createTopic(self, name, partitions, config, replicas=1):
        self.wait(self.admin.create_topics([ad.NewTopic(name, partitions, replicas, config=config)]))

    def admin_deleteTopic(self, name):
        self.wait(self.admin.delete_topics([name]))

    def admin_topics(self):
        return list(self.admin.list_topics(timeout=10).topics)

    def admin_partitions(self, topic):
        return len(self.admin.list_topics(topic, timeout=10).topics[topic].partitions)

    def admin_createPartitions(self, topic, total):
        self.wait(self.admin.create_partitions([ad.NewPartitions(topic, total)]))

    def admin_config(self, topic):
        entries = self.wait(self.admin.describe_configs([ad.ConfigResource(ad.ResourceType.TOPIC, topic)]))
        return {name: entry.value for name, entry in entries.items()}

    def admin_alterConfig(self, topic, name, value):
        entry = ad.ConfigEntry(name, value, incremental_operation=ad.AlterConfigOpType.SET)
        resource = ad.ConfigResource(ad.ResourceType.TOPIC, topic, incremental_configs=[entry])
        self.wait(self.admin.incremental_alter_configs([resource]))

    def admin_deleteRecords(self, topic, partition, before):
        self.wait(self.admin.delete_records([ck.TopicPartition(topic, partition, before)]))

    def admin_offsetFor(self, topic, partition, timestamp):
        spec = {-1: ad.OffsetSpec.latest(), -2: ad.OffsetSpec.earliest()}.get(timestamp)
        spec = spec or ad.OffsetSpec.for_timestamp(timestamp)
        return self.wait(self.admin.list_offsets({ck.TopicPartition(topic, partition): spec})).offset

    def admin_groups(self):
        return [group.group_id for group in self.admin.list_consumer_groups().result(20).valid]

    def admin_group(self, group):
        found = self.wait(self.admin.describe_consumer_groups([group]))
        return {"state": found.state.name, "members": len(found.members)}

    def admin_committed(self, group, topic):
        request = [ck.ConsumerGroupTopicPartitions(group)]
        found = self.wait(self.admin.list_consumer_group_offsets(request)).topic_partitions
        return {str(at.partition): at.offset for at in found if at.topic == topic}

    def admin_resetOffset(self, group, topic, partition, offset):
        at = ck.ConsumerGroupTopicPartitions(group, [ck.TopicPartition(topic, partition, offset)])
        self.wait(self.admin.alter_consumer_group_offsets([at]))

    def admin_deleteGroup(self, group):
        self.wait(self.admin.delete_consumer_groups([group]))


serve(lambda: Client(json.loads(sys.argv[1])))
