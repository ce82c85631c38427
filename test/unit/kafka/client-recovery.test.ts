import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Clock } from '../../../src/core/mod.ts';
import { Brokers } from '../../../src/kafka/client/brokers.ts';
import { CLUSTER_DEFAULTS } from '../../../src/kafka/client/settings.ts';
import {
  type ClusterLog,
  type ClusterLogOptions,
  type KafkaServer,
  type ListenerOptions,
  openClusterLog,
  openKafkaServer,
} from '../../../src/kafka/mod.ts';
import { type LogBroker, nodeStorage, openEmbeddedLog } from '../../../src/log/mod.ts';
import { systemClock } from '../../../src/platform/system-clock.ts';
import { readAll, record, values } from '../../support/log-conformance.ts';

const AT = { topic: 't', partition: 0 };

let directory: string;
let broker: LogBroker;
let server: KafkaServer;
let log: ClusterLog;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-recovery-'));
  broker = await openEmbeddedLog({
    ...{ storage: nodeStorage(), clock: systemClock, directory },
    flush: 'interval',
    transactions: { abortCheckIntervalMs: 100 },
  });
  await broker.createTopic('t', 1);
});
afterEach(async () => {
  await log.close();
  await server.close();
  await broker.close();
  await rm(directory, { recursive: true });
});

async function serve(security: ListenerOptions['security'] = 'PLAINTEXT', port = 0): Promise<number> {
  server = await openKafkaServer({
    ...{ broker, clock: systemClock, say: () => undefined },
    listeners: [{ name: security, host: '127.0.0.1', port, portsMax: 0, advertised: null, security }],
  });
  return server.listeners[0]!.port;
}

function connect(port: number, options: Partial<ClusterLogOptions> = {}): void {
  log = openClusterLog({ bootstrap: [`127.0.0.1:${port}`], clock: systemClock, ...options });
}

/** Timers ring a little early: what waits for a time must not wait for ever then. */
const hasty: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms * 0.8, signal) };

test.each([
  ['', systemClock],
  [', though timers ring early', hasty],
])('what is under way when the broker goes is stored once when it is back%s', async (_, clock) => {
  const port = await serve();
  connect(port, { clock });
  const writer = await log.openWriter('w');
  await log.append(AT, [record('before')]);
  const commit = (sequence: number): Promise<void> =>
    writer.commit({ sequence, position: null, parts: [{ ...AT, records: [record(`tx ${sequence}`)] }] });
  await commit(1);
  const end = (await log.offsets(AT)).highWatermark;
  const waited = log.waitFor(AT, end, 'read_committed', 60_000);
  const busy = [log.append(AT, [record('meanwhile')]), commit(2)];
  await server.close();
  const later = [log.append(AT, [record('later')]), commit(3), log.offsets(AT)];
  await expect.poll(() => log.stats().failure).not.toBeNull();
  await serve('PLAINTEXT', port);
  await Promise.all([...busy, ...later, waited]);
  expect(log.stats().failure).toBeNull();
  const stored = values(await readAll(log, 't')).sort();
  expect(stored).toEqual(['before', 'later', 'meanwhile', 'tx 1', 'tx 2', 'tx 3']);
});

test('a transaction that takes longer than the cluster allows fails by name, and a new writer goes on', async () => {
  connect(await serve(), { transactionTimeoutMs: 1000 });
  const writer = await log.openWriter('w');
  await writer.stage([{ ...AT, records: [record('late')] }]);
  await expect
    .poll(async () => (await log.offsets(AT)).lastStableOffset, { timeout: 20_000, interval: 100 })
    .toBeGreaterThan(0);
  await expect(writer.commit({ sequence: 1, position: 1, parts: [] })).rejects.toMatchObject({
    code: 'TRANSACTION_EXPIRED',
    message: expect.stringContaining('log.transaction-timeout-ms'),
  });
  const next = await log.openWriter('w');
  expect(next.state.sequence).toBe(-1);
  await next.commit({ sequence: 1, position: 1, parts: [{ ...AT, records: [record('again')] }] });
  expect(values(await readAll(log, 't'))).toEqual(['again']);
});

test('a cluster that was away at the start is found when it comes', async () => {
  const port = await serve();
  await server.close();
  connect(port);
  const told: string[] = [];
  const reached = log.reach(60_000, why => told.push(why));
  await expect.poll(() => told.length, { timeout: 20_000 }).toBe(1);
  expect(told[0]).toContain(`127.0.0.1:${port} cannot be reached`);
  await serve('PLAINTEXT', port);
  await reached;
  expect(log.place).toMatchObject({ brokers: 1, id: broker.clusterId });
});

test('where no broker answers, the error names the address and the setting', async () => {
  const port = await serve();
  await server.close();
  connect(port, { deliveryTimeoutMs: 50 });
  await expect(log.reach(50)).rejects.toMatchObject({
    code: 'LOG_UNREACHABLE',
    message: expect.stringMatching(new RegExp(`127\\.0\\.0\\.1:${port} \\(log\\.bootstrap\\).*ECONNREFUSED`)),
  });
  await expect(log.append(AT, [record('x')])).rejects.toMatchObject({ code: 'LOG_UNREACHABLE' });
  await serve('PLAINTEXT', port);
});

test('appends that wait for a cluster that is away fail together, not one after the other', async () => {
  const port = await serve();
  await server.close();
  connect(port, { deliveryTimeoutMs: 200 });
  const beganMs = systemClock.monotonicMs();
  const appends = Array.from({ length: 50 }, () => log.append(AT, [record('x')]));
  for (const one of await Promise.allSettled(appends)) {
    expect(one).toMatchObject({ status: 'rejected', reason: { code: 'LOG_UNREACHABLE' } });
  }
  // One after the other takes 10 s; together, two turns of 200 ms.
  expect(systemClock.monotonicMs() - beganMs).toBeLessThan(4000);
  await serve('PLAINTEXT', port);
});

test('a controller that died is not asked for ever: another broker says who it is now', async () => {
  const next = await serve();
  const other = server;
  const first = await serve();
  await other.close();
  log = openClusterLog({
    bootstrap: [`127.0.0.1:${first}`, `127.0.0.1:${next}`],
    ...{ clock: systemClock, deliveryTimeoutMs: 5000 },
  });
  await log.createTopic('before', 1);
  await server.close();
  await serve('PLAINTEXT', next);
  await log.createTopic('after', 1);
  expect((await log.topics()).map(({ name }) => name).sort()).toEqual(['after', 'before', 't']);
});

test('a connection that was closed while it was idle is no failure; a broker that is not back then is', async () => {
  const port = await serve();
  const bootstrap = [`127.0.0.1:${port}`];
  const brokers = new Brokers({ ...CLUSTER_DEFAULTS, bootstrap, clock: systemClock });
  connect(port);
  const connection = await brokers.any();
  expect(brokers.failure).toBeNull();
  await server.close();
  await expect.poll(() => connection.isOpen).toBe(false);
  expect(brokers.failure).toBeNull();
  await expect(brokers.any()).rejects.toThrow('cannot be reached');
  expect(brokers.failure).toContain('cannot be reached');
  await serve('PLAINTEXT', port);
  await expect.poll(() => brokers.any().catch(() => null)).not.toBeNull();
  expect(brokers.failure).toBeNull();
  brokers.close();
});

test.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)(
  '%s: the right password is taken, a wrong one refused at once without being told',
  async mechanism => {
    const port = await serve('SASL_PLAINTEXT');
    await server.credentials.ensure('anna', 'ri=ght, pass');
    const options = (password: string): Partial<ClusterLogOptions> => ({
      security: 'SASL_PLAINTEXT',
      credentials: { mechanism, username: 'anna', password },
    });
    connect(port, options('wrong pass'));
    const error = await log.reach(60_000).catch(reason => reason as Error);
    expect(error).toMatchObject({ code: 'LOG_UNAUTHORIZED' });
    expect(String(error)).toMatch(/anna.*log\.sasl-user and log\.sasl-password/);
    expect(String(error)).not.toContain('wrong pass');
    await log.close();
    connect(port, options('ri=ght, pass'));
    expect(await log.append(AT, [record('x')])).toMatchObject({ baseOffset: 0 });
  },
);

test('a table of another mechanism than the broker has names those that it has', async () => {
  const port = await serve('SASL_PLAINTEXT');
  connect(port, {
    security: 'SASL_PLAINTEXT',
    credentials: { mechanism: 'GSSAPI' as 'PLAIN', username: 'anna', password: 'x' },
  });
  await expect(log.reach(1000)).rejects.toMatchObject({
    code: 'LOG_UNAUTHORIZED',
    message: expect.stringContaining('PLAIN, SCRAM-SHA-256, SCRAM-SHA-512'),
  });
});
