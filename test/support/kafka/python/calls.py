"""Reads one JSON call a line from standard input, runs it on a client, answers on standard output."""
import json
import sys
import threading
import traceback

_write = threading.Lock()


def text(value):
    return None if value is None else value.decode()


def data(value):
    return None if value is None else value.encode()


class MemberThread:
    """A thread that polls a consumer, and what the consumer was given and has received."""

    def __init__(self):
        self.assigned, self.revoked, self.received, self.assignments = set(), [], [], 0
        self.closing, self.error = False, None
        self.thread = threading.Thread(target=self.run)

    def given(self, partitions):
        self.assigned |= set(partitions)
        self.assignments += 1

    def taken(self, partitions):
        if not self.closing:
            self.revoked += partitions
        self.assigned -= set(partitions)

    def run(self):
        try:
            while not self.closing:
                self.poll()
        except Exception as error:
            self.error = error

    def close(self):
        self.closing = True
        self.thread.join()
        self.consumer.close()

    def of(self, name):
        if self.error is not None:
            raise self.error
        value = getattr(self, name)
        return sorted(value) if name == "assigned" else list(value) if name != "assignments" else value


class Calls:
    """Calls that are alike for every Python client: things are kept, and named by numbers."""

    def __init__(self):
        self.handles = []

    def keep(self, thing):
        self.handles.append(thing)
        return len(self.handles) - 1

    def assigned(self, member):
        return self.handles[member].of("assigned")

    def revoked(self, member):
        return self.handles[member].of("revoked")

    def assignments(self, member):
        return self.handles[member].of("assignments")

    def received(self, member):
        return self.handles[member].of("received")

    def closeMember(self, member):
        self.handles[member].close()

    def begin(self, producer):
        self.handles[producer].begin_transaction()

    def send(self, producer, topic, records):
        self.send_to(self.handles[producer], topic, records)

    def close(self):
        for handle in self.handles:
            if isinstance(handle, MemberThread) and not handle.closing:
                handle.close()


def answer(**fields):
    with _write:
        sys.stdout.write(json.dumps(fields) + "\n")
        sys.stdout.flush()


def _run(client, call):
    try:
        method = getattr(client, call["call"].replace(".", "_"))
        answer(id=call["id"], result=method(*call["args"]))
    except Exception as error:  # every failure is the caller's to judge
        answer(id=call["id"], error=f"{type(error).__name__}: {error}\n{traceback.format_exc()}")


def serve(make):
    """Each call in a thread of its own: a consumer may wait while another call goes on."""
    client, threads = None, []
    for line in sys.stdin:
        call = json.loads(line)
        try:
            client = client or make()
        except Exception as error:
            answer(id=call["id"], error=f"{type(error).__name__}: {error}")
            continue
        thread = threading.Thread(target=_run, args=(client, call))
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join(10)
    if client is not None:
        client.close()
