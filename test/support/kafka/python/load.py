"""Load for the kill tests, by librdkafka: a JSON line for whatever is known to have happened. Ends at the end of its input."""
import json
import sys
import threading
import time

import confluent_kafka as ck

BASE = {
    "bootstrap.servers": sys.argv[2],
    "reconnect.backoff.ms": 20,
    "reconnect.backoff.max.ms": 200,
    "socket.timeout.ms": 10000,
}
PARTITIONS = 2
stopping = threading.Event()


def say(**fields):
    sys.stdout.write(json.dumps({"at": time.time(), **fields}) + "\n")
    sys.stdout.flush()


def wait_for_end_of_input():
    sys.stdin.read()
    stopping.set()


def pace(rate):
    """Yields numbers, about `rate` a second, until stopped."""
    began, n = time.time(), 0
    while not stopping.is_set():
        yield n
        n += 1
        ahead = began + n / rate - time.time()
        if ahead > 0.002:
            time.sleep(ahead)


def idempotent(topic, rate):
    """Numbers 0, 1, 2 … to alternating partitions; says which are acknowledged and how many are under way."""
    producer = ck.Producer({**BASE, "enable.idempotence": True, "linger.ms": 5, "message.timeout.ms": 300000})
    state = {"sent": 0, "done": 0}

    def delivered(n):
        def report(error, message):
            state["done"] += 1
            if error is not None:
                say(failed=n, why=str(error))
            else:
                say(acked=n, partition=message.partition(), offset=message.offset(),
                    flying=state["sent"] - state["done"])
        return report

    for n in pace(rate):
        state["sent"] += 1
        producer.produce(topic, value=str(n), partition=n % PARTITIONS, on_delivery=delivered(n))
        producer.poll(0)
    say(unflushed=producer.flush(120), sent=state["sent"])


class Transactions:
    """Transactions of ten records, every fourth aborted on purpose; says how each ended, or that nobody knows."""

    def __init__(self, topic):
        self.topic = topic
        self.open()

    def open(self):
        self.producer = ck.Producer({**BASE, "transactional.id": "kills", "transaction.timeout.ms": 60000})
        self.until_done(lambda: self.producer.init_transactions(10))

    def until_done(self, call):
        while True:
            try:
                return call()
            except ck.KafkaException as error:
                if not error.args[0].retriable():
                    raise
                say(retried=error.args[0].name())

    def run(self, k):
        """Returns how transaction k ended."""
        committing = False
        try:
            self.producer.begin_transaction()
            for i in range(10):
                self.producer.produce(self.topic, value=f"{k}-{i}", partition=i % PARTITIONS)
            if k % 4 == 3:
                self.until_done(lambda: self.producer.abort_transaction(10))
                return "aborted"
            committing = True
            self.until_done(lambda: self.producer.commit_transaction(10))
            return "committed"
        except ck.KafkaException as error:
            say(trouble=str(error))
            if error.args[0].txn_requires_abort():
                self.until_done(lambda: self.producer.abort_transaction(10))
                return "aborted"
            self.open()  # fatal for this producer: its transaction may have been committed, or is aborted by init
            return "unknown" if committing else "aborted"


def transactional(topic, rate):
    transactions = Transactions(topic)
    for k in pace(rate):
        say(begun=k)
        say(transaction=k, ended=transactions.run(k))


def member(group, topics):
    """A member that commits what it received, and says what it was given, received and has committed."""
    consumer = ck.Consumer({
        **BASE,
        "group.id": group,
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "isolation.level": "read_committed",
        "session.timeout.ms": 6000,
        "heartbeat.interval.ms": 500,
        "partition.assignment.strategy": "cooperative-sticky",
    })
    assigned = lambda _, parts: say(assigned=[[p.topic, p.partition] for p in parts])
    consumer.subscribe(topics, on_assign=assigned)
    positions, commit_at = {}, time.time()
    while not stopping.is_set():
        messages = consumer.consume(500, 0.1)
        got = {}
        for message in messages:
            if message.error() is not None:
                say(trouble=str(message.error()))
                continue
            at = f"{message.topic()}/{message.partition()}"
            first, last, count = got.get(at, (message.offset(), 0, 0))
            got[at] = (first, message.offset(), count + 1)
            positions[(message.topic(), message.partition())] = message.offset() + 1
        if got:
            say(received=got)
        if positions and time.time() > commit_at:
            commit_at = time.time() + 0.2
            commit(consumer, positions)
    commit(consumer, positions)
    consumer.close()


def commit(consumer, positions):
    offsets = [ck.TopicPartition(topic, partition, offset) for (topic, partition), offset in positions.items()]
    positions.clear()
    if not offsets:
        return
    try:
        done = consumer.commit(offsets=offsets, asynchronous=False)
        said = {f"{at.topic}/{at.partition}": at.offset for at in done if at.error is None}
        if said:
            say(committed=said)
    except ck.KafkaException as error:
        say(trouble=str(error))


def dump(topic):
    """All that a read_committed reader sees, to the end."""
    consumer = ck.Consumer({
        **BASE,
        "group.id": "dump",
        "enable.auto.commit": False,
        "isolation.level": "read_committed",
        "enable.partition.eof": True,
    })
    consumer.assign([ck.TopicPartition(topic, p, ck.OFFSET_BEGINNING) for p in range(PARTITIONS)])
    ended, deadline = set(), time.time() + 120
    while len(ended) < PARTITIONS:
        if time.time() > deadline:
            raise TimeoutError(f"only {ended} of {topic} were read to their end")
        for message in consumer.consume(5000, 0.2):
            error = message.error()
            if error is None:
                sys.stdout.write(f"{message.partition()} {message.offset()} {message.value().decode()}\n")
            elif error.code() == ck.KafkaError._PARTITION_EOF:
                ended.add(message.partition())
            else:
                raise ck.KafkaException(error)
    consumer.close()


mode, words = sys.argv[1], sys.argv[3:]
if mode == "dump":
    dump(words[0])
else:
    threading.Thread(target=wait_for_end_of_input, daemon=True).start()
    if mode == "idempotent":
        idempotent(words[0], float(words[1]))
    elif mode == "transactional":
        transactional(words[0], float(words[1]))
    else:
        member(words[0], words[1:])
