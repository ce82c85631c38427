import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { ADMIN_CALLS } from './client-python.ts';
import { clientsHome } from './clients-home.ts';
import type {
  Connection,
  ConsumeOptions,
  Driver,
  Incoming,
  JoinOptions,
  Member,
  Outgoing,
  ProduceOptions,
  Session,
  TransactionalProducer,
} from './driver.ts';

/** A line of `kcat -J`. */
interface Line {
  readonly partition: number;
  readonly offset: number;
  readonly ts: number;
  readonly key: string | null;
  readonly payload: string | null;
  readonly headers?: readonly (string | null)[];
}

const KEY_END = '\x01';
const toLine = (record: Outgoing): string => `${record.key ?? ''}${KEY_END}${record.value ?? ''}\x02`;

function toIncoming({ partition, offset, ts, key, payload, headers = [] }: Line): Incoming {
  const pairs = headers.flatMap((name, i) => (i % 2 === 0 ? [[name!, headers[i + 1] ?? null] as const] : []));
  return { partition, offset, timestamp: ts, key, value: payload, headers: pairs };
}

class KcatSession implements Session {
  readonly #base: readonly string[];
  readonly #env: NodeJS.ProcessEnv;
  readonly admin = {};

  constructor(connection: Connection, library: string | null) {
    const { sasl, ca } = connection;
    const settings = {
      'security.protocol': `${sasl ? 'SASL_' : ''}${ca ? 'SSL' : 'PLAINTEXT'}`,
      ...(ca ? { 'ssl.ca.location': ca } : {}),
      ...(sasl
        ? {
            'sasl.mechanism': sasl.mechanism,
            'sasl.username': sasl.username,
            'sasl.password': sasl.password,
          }
        : {}),
    };
    this.#base = ['-b', connection.bootstrap, ...kcatSettings(settings)];
    this.#env = library === null ? process.env : { ...process.env, LD_LIBRARY_PATH: library };
  }

  #run(args: readonly string[], input?: string): string {
    const { status, stdout, stderr } = spawnSync('kcat', [...this.#base, ...args], {
      encoding: 'utf8',
      env: this.#env,
      timeout: 40_000,
      maxBuffer: 64 << 20,
      ...(input === undefined ? {} : { input }),
    });
    if (status !== 0) throw new Error(`kcat ${args.join(' ')}: ${stderr.slice(-2000)}`);
    return stdout;
  }

  /** Fails when the broker or the user's name is refused. */
  list(): void {
    this.#run(['-L', '-m', '5']);
  }

  #send(topic: string, records: readonly Outgoing[], extra: readonly string[]): void {
    // All records of one run of kcat have the same headers and partition: one run for each stretch of a kind.
    const kindOf = ({ partition, headers = [], key }: Outgoing): string =>
      JSON.stringify([partition ?? null, headers, key === null]);
    const stretches: Outgoing[][] = [];
    for (const record of records) {
      const last = stretches.at(-1);
      if (last && kindOf(last[0]!) === kindOf(record)) last.push(record);
      else stretches.push([record]);
    }
    for (const some of stretches) {
      const { partition, headers = [], key } = some[0]!;
      const at = partition === undefined ? [] : ['-p', String(partition)];
      const named = headers.flatMap(([name, value]) => ['-H', value === null ? name : `${name}=${value}`]);
      const keyed = key === null ? [] : ['-K', KEY_END];
      const lines = some.map(record => (key === null ? `${record.value ?? ''}\x02` : toLine(record)));
      const args = ['-P', '-t', topic, '-Z', '-D', '\x02', ...keyed, ...at, ...named, ...extra];
      this.#run(args, lines.join(''));
    }
  }

  async produce(topic: string, records: readonly Outgoing[], options: ProduceOptions = {}): Promise<void> {
    const codec = ['-z', options.codec ?? 'none'];
    const idempotent = { 'enable.idempotence': String(options.idempotent ?? false) };
    this.#send(topic, records, [...codec, ...kcatSettings({ ...idempotent, 'message.timeout.ms': '20000' })]);
  }

  async consume(topic: string, options: ConsumeOptions): Promise<readonly Incoming[]> {
    const isolation = kcatSettings({
      'isolation.level': options.committed ? 'read_committed' : 'read_uncommitted',
    });
    const args = ['-C', '-J', '-t', topic, '-o', 'beginning', '-c', String(options.count), ...isolation];
    const lines = this.#run(args).split('\n').filter(Boolean);
    return lines.map(line => toIncoming(JSON.parse(line) as Line));
  }

  async join(group: string, topic: string, options: JoinOptions): Promise<Member> {
    const settings = kcatSettings({
      'partition.assignment.strategy': options.strategy === 'cooperative' ? 'cooperative-sticky' : 'range',
      'auto.offset.reset': 'earliest',
      'session.timeout.ms': '10000',
      'heartbeat.interval.ms': '300',
      'auto.commit.interval.ms': '100',
      ...(options.instanceId ? { 'group.instance.id': options.instanceId } : {}),
    });
    const args = [...this.#base, ...settings, '-J', '-u', '-G', group, topic];
    return kcatMember(spawn('kcat', args, { env: this.#env }));
  }

  /** kcat makes one transaction of its input; so each is a run of its own, started when all is known. */
  async transactional(transactionalId: string): Promise<TransactionalProducer> {
    const settings = kcatSettings({ 'transactional.id': transactionalId });
    return {
      begin: async () => {
        const sends: (() => void)[] = [];
        return {
          send: async (topic, records) => {
            sends.push(() => this.#send(topic, records, settings));
          },
          commit: async () => {
            for (const send of sends) send();
          },
          abort: () => Promise.reject(new Error('kcat aborts on a signal only')),
        };
      },
      close: async () => undefined,
    };
  }

  async close(): Promise<void> {}
}

const kcatSettings = (settings: Readonly<Record<string, string>>): string[] =>
  Object.entries(settings).flatMap(([name, value]) => ['-X', `${name}=${value}`]);

/** A group member: what it was given is on standard error, what it received on standard output. */
function kcatMember(child: ChildProcess): Member {
  const assigned = new Set<number>();
  const revoked: number[] = [];
  const received: string[] = [];
  let assignments = 0;
  let closing = false;
  createInterface({ input: child.stdout! }).on('line', line => {
    received.push((JSON.parse(line) as Line).payload ?? '');
  });
  createInterface({ input: child.stderr! }).on('line', line => {
    const change = / rebalanced.*(assign(?:ed|ment)|revoke)/.exec(line);
    if (!change) return;
    const partitions = [...line.matchAll(/ \[(\d+)\]/g)].map(match => Number(match[1]));
    if (change[1] !== 'revoke') {
      assignments++;
      for (const partition of partitions) assigned.add(partition);
    } else {
      if (!closing) revoked.push(...partitions);
      for (const partition of partitions) assigned.delete(partition);
    }
  });
  const closed = new Promise(resolve => child.once('close', resolve));
  return {
    assigned: async () => [...assigned].sort((a, b) => a - b),
    revoked: async () => revoked,
    assignments: async () => assignments,
    received: async () => [...received],
    close: async () => {
      closing = true;
      child.kill('SIGINT');
      await closed;
    },
  };
}

/** Folder in which an old librdkafka lies under the name that kcat loads, or null. */
function oldLibrary(): string | null {
  const folder = process.env.MILLRACE_TEST_LIBRDKAFKA ?? join(clientsHome(), 'librdkafka-1');
  if (!existsSync(folder)) return null;
  const link = join(folder, 'librdkafka.so.1');
  if (existsSync(link)) return folder;
  const wheel = join(folder, 'confluent_kafka.libs');
  const library = existsSync(wheel)
    ? readdirSync(wheel).find(name => /^librdkafka-.*\.so\.1$/.test(name))
    : undefined;
  if (library === undefined) return null;
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(join(wheel, library), link);
  return folder;
}

const version = spawnSync('kcat', ['-V'], { encoding: 'utf8' });
const hasKcat = version.status === 0;
const NO_ADMIN = 'has no administration';

/**
 * Until 2.6.1 librdkafka repeats its own nonce in SCRAM's last message. Kafka let it up to 3.9 and
 * refuses since 4.0.
 */
function repeatsNonce(librdkafka: string): boolean {
  const [major = 0, minor = 0, patch = 0] = librdkafka.split('.').map(Number);
  return major * 10_000 + minor * 100 + patch < 20_601;
}

function driver(name: string, librdkafka: string, library: string | null, missing: string | null): Driver {
  const nonce = `librdkafka ${librdkafka} repeats its nonce`;
  return {
    name,
    missing,
    cannot: {
      abort: 'aborts on a signal only',
      copy: 'does not consume, transform and produce',
      fencing: 'a transaction lasts one run',
      'null headers': 'shows a null header as text',
      ...Object.fromEntries(ADMIN_CALLS.map(call => [`admin.${call}`, NO_ADMIN])),
    },
    kafkaRefuses: repeatsNonce(librdkafka) ? { 'SCRAM-SHA-256': nonce, 'SCRAM-SHA-512': nonce } : {},
    open: async connection => {
      const session = new KcatSession(connection, library);
      session.list();
      return session;
    },
  };
}

/** kcat of Debian. */
export const kcat: Driver = driver(
  'kcat',
  /librdkafka ([\d.]+)/.exec(version.stdout ?? '')?.[1] ?? '0',
  null,
  hasKcat ? null : 'kcat is not installed (Debian: kcat)',
);

const old = oldLibrary();
/** The same on librdkafka 1.9.2. */
export const oldKcat: Driver = driver(
  'kcat on librdkafka 1.9.2',
  '1.9.2',
  old,
  !hasKcat
    ? 'kcat is not installed (Debian: kcat)'
    : old === null
      ? 'no librdkafka 1 in ~/.cache/millrace/librdkafka-1 (the wheel confluent-kafka 1.9.2, unpacked)'
      : null,
);
