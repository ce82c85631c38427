import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  ALTER_USER_SCRAM_CREDENTIALS,
  API_VERSIONS,
  DESCRIBE_USER_SCRAM_CREDENTIALS,
  METADATA,
  SASL_AUTHENTICATE,
  SASL_HANDSHAKE,
} from '../../../../src/kafka/messages/mod.ts';
import { TestBroker } from '../../../support/kafka-broker.ts';
import { requestFrame, type Wire } from '../../../support/kafka-wire.ts';

const USER = { name: 'alice', password: 'correct horse 7' };
const EVERYTHING = {
  ...{ topics: null, allowAutoTopicCreation: false },
  ...{ includeClusterAuthorizedOperations: false, includeTopicAuthorizedOperations: false },
};
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const plain = (password: string) => Buffer.from(`\0${USER.name}\0${password}`);

async function started(options: Parameters<typeof TestBroker.start>[0] = {}): Promise<TestBroker> {
  const broker = await TestBroker.start({ security: 'SASL_PLAINTEXT', ...options });
  await broker.server.credentials.ensure(USER.name, USER.password);
  return broker;
}

const choose = (wire: Wire, mechanism: string) => wire.ask(SASL_HANDSHAKE, 1, { mechanism });
const tell = (wire: Wire, authBytes: Uint8Array) => wire.ask(SASL_AUTHENTICATE, 2, { authBytes });

/** The answer of a broker that lets failed logins wait. */
async function refused<T>(broker: TestBroker, answer: Promise<T>): Promise<T> {
  const before = broker.clock.sleeping;
  await broker.until(() => broker.clock.sleeping > before);
  broker.clock.advance(100);
  return answer;
}

/** The client's side of SCRAM, as RFC 5802 has it. */
async function scram(wire: Wire, hash: 'sha256' | 'sha512', password: string, before = '') {
  const bare = `n=${USER.name},r=clientnonce`;
  const first = text((await tell(wire, Buffer.from(`n,,${bare}`))).authBytes);
  const [, nonce, salt, iterations] = /^r=([^,]+),s=([^,]+),i=(\d+)$/.exec(first)!;
  const length = hash === 'sha256' ? 32 : 64;
  const salted = pbkdf2Sync(password, Buffer.from(salt!, 'base64'), Number(iterations), length, hash);
  const hmac = (key: Uint8Array, data: string) => createHmac(hash, key).update(data).digest();
  const clientKey = hmac(salted, 'Client Key');
  const unproved = `c=biws,r=${before}${nonce}`;
  const exchange = `${bare},${first},${unproved}`;
  const signature = hmac(createHash(hash).update(clientKey).digest(), exchange);
  const proof = Buffer.from(clientKey.map((byte, i) => byte ^ signature[i]!)).toString('base64');
  const verifier = hmac(hmac(salted, 'Server Key'), exchange).toString('base64');
  return { answer: tell(wire, Buffer.from(`${unproved},p=${proof}`)), verifier };
}

describe('before a login', () => {
  test('only the way to one is open', async () => {
    await using broker = await started();
    await using wire = await broker.connect();
    const who = { clientSoftwareName: 'test', clientSoftwareVersion: '1' };
    expect((await wire.ask(API_VERSIONS, 3, who)).errorCode).toBe(0);
    wire.send(requestFrame(METADATA, 9, EVERYTHING));
    expect(await wire.receive()).toBeNull();
    expect(broker.lines).toEqual([expect.stringContaining('Metadata before a login')]);
  });

  test('nobody may send more than half a megabyte, nor stay', async () => {
    await using broker = await started();
    await using wire = await broker.connect();
    wire.send(Buffer.concat([Buffer.from([1, 0, 0, 0]), Buffer.alloc(600_000)]));
    expect(await wire.receive()).toBeNull();
    await using silent = await broker.connect();
    await broker.until(() => broker.server.stats().connections === 1);
    for (let i = 0; i < 32; i++) {
      await broker.until(() => broker.clock.sleeping > 0);
      broker.clock.advance(1_000);
    }
    expect(await silent.receive()).toBeNull();
    expect(broker.lines).toEqual([
      expect.stringContaining('before it has told who it is'),
      expect.stringContaining('no login came'),
    ]);
  });

  test('a mechanism that is not offered is refused with those that are', async () => {
    await using broker = await started({ saslMechanisms: ['SCRAM-SHA-512'] });
    await using wire = await broker.connect();
    expect(await choose(wire, 'PLAIN')).toEqual({ errorCode: 33, mechanisms: ['SCRAM-SHA-512'] });
    expect(await wire.receive()).toBeNull();
  });
});

describe('PLAIN', () => {
  test('lets in who has the password', async () => {
    await using broker = await started();
    await using wire = await broker.connect();
    expect((await choose(wire, 'PLAIN')).errorCode).toBe(0);
    expect(await tell(wire, plain(USER.password))).toMatchObject({ errorCode: 0, sessionLifetimeMs: 0 });
    expect((await wire.ask(METADATA, 9, EVERYTHING)).brokers).toHaveLength(1);
  });

  test('refuses who has not, after a moment, without a word on why', async () => {
    await using broker = await started();
    for (const attempt of [plain('wrong'), Buffer.from('\0nobody\0x'), Buffer.from('alice')]) {
      await using wire = await broker.connect();
      await choose(wire, 'PLAIN');
      const answer = await refused(broker, tell(wire, attempt));
      expect(answer).toMatchObject({
        errorCode: 58,
        errorMessage: 'Authentication failed: invalid credentials with SASL mechanism PLAIN',
      });
      expect(await wire.receive()).toBeNull();
    }
    expect(broker.server.stats().metrics.loginsFailed).toBe(3);
    expect(broker.lines.join()).not.toMatch(/wrong|correct horse/);
  });

  test('goes without headers after a handshake of version 0', async () => {
    await using broker = await started();
    await using wire = await broker.connect();
    expect((await wire.ask(SASL_HANDSHAKE, 0, { mechanism: 'PLAIN' })).errorCode).toBe(0);
    const token = plain(USER.password);
    wire.send(Buffer.concat([Buffer.from([0, 0, 0, token.length]), token]));
    expect(await wire.receive()).toEqual(new Uint8Array(0));
    expect((await wire.ask(METADATA, 9, EVERYTHING)).brokers).toHaveLength(1);
  });

  test('is to be told again when its time is over, by the same user', async () => {
    await using broker = await started({ maxReauthMs: 10_000 });
    await broker.server.credentials.ensure('bob', 'x');
    await using wire = await broker.connect();
    await choose(wire, 'PLAIN');
    expect(await tell(wire, plain(USER.password))).toMatchObject({ sessionLifetimeMs: 10_000 });
    broker.clock.advance(9_000);
    await choose(wire, 'PLAIN');
    expect((await tell(wire, plain(USER.password))).errorCode).toBe(0);
    broker.clock.advance(9_000);
    expect((await wire.ask(METADATA, 9, EVERYTHING)).brokers).toHaveLength(1);
    await choose(wire, 'PLAIN');
    expect((await refused(broker, tell(wire, Buffer.from('\0bob\0x')))).errorCode).toBe(58);
    await using late = await broker.connect();
    await choose(late, 'PLAIN');
    await tell(late, plain(USER.password));
    broker.clock.advance(10_001);
    late.send(requestFrame(METADATA, 9, EVERYTHING));
    expect(await late.receive()).toBeNull();
    expect(broker.lines.at(-1)).toContain('its login has run out');
  });
});

describe.each([
  ['SCRAM-SHA-256', 'sha256'],
  ['SCRAM-SHA-512', 'sha512'],
] as const)('%s', (mechanism, hash) => {
  test('both sides prove that they know the password', async () => {
    await using broker = await started();
    await using wire = await broker.connect();
    await choose(wire, mechanism);
    const { answer, verifier } = await scram(wire, hash, USER.password);
    const { errorCode, authBytes } = await answer;
    expect([errorCode, text(authBytes)]).toEqual([0, `v=${verifier}`]);
    expect((await wire.ask(METADATA, 9, EVERYTHING)).brokers).toHaveLength(1);
  });

  test('the client may repeat its own nonce before the whole one, as librdkafka does', async () => {
    await using broker = await started();
    await using wire = await broker.connect();
    await choose(wire, mechanism);
    const { answer } = await scram(wire, hash, USER.password, 'clientnonce');
    expect((await answer).errorCode).toBe(0);
  });

  test('a wrong password is refused, and so is a user that is not there, alike', async () => {
    await using broker = await started();
    await using wire = await broker.connect();
    await choose(wire, mechanism);
    const { answer } = await scram(wire, hash, 'wrong');
    expect((await refused(broker, answer)).errorCode).toBe(58);
    await using other = await broker.connect();
    await choose(other, mechanism);
    const first = await tell(other, Buffer.from('n,,n=nobody,r=clientnonce'));
    expect(text(first.authBytes)).toMatch(/^r=clientnonce[^,]+,s=[^,]{32},i=4096$/);
  });
});

test('credentials are changed as kafka-configs does it, each user whole or not at all, and never shown', async () => {
  await using broker = await TestBroker.start();
  await using wire = await broker.connect();
  const upsert = (name: string, mechanism: number, iterations: number) => ({
    ...{ name, mechanism, iterations },
    ...{ salt: Buffer.from('salt'), saltedPassword: pbkdf2Sync('pw', 'salt', iterations, 32, 'sha256') },
  });
  const alter = async (
    deletions: { name: string; mechanism: number }[],
    upsertions: ReturnType<typeof upsert>[],
  ) => {
    const { results } = await wire.ask(ALTER_USER_SCRAM_CREDENTIALS, 0, { deletions, upsertions });
    return results.map(({ user, errorCode }) => [user, errorCode]);
  };
  const described = async (users: { name: string }[] | null) => {
    const { results } = await wire.ask(DESCRIBE_USER_SCRAM_CREDENTIALS, 0, { users });
    return results.map(({ user, errorCode, credentialInfos }) => [user, errorCode, credentialInfos]);
  };
  const few = await alter([], [upsert('bob', 1, 8192), upsert('eve', 1, 1), upsert('max', 9, 4096)]);
  expect(few).toEqual([
    ['bob', 0],
    ['eve', 93],
    ['max', 33],
  ]);
  expect(await described(null)).toEqual([['bob', 0, [{ mechanism: 1, iterations: 8192 }]]]);
  expect(await described([{ name: 'eve' }])).toEqual([['eve', 91, []]]);
  expect(await described([{ name: 'bob' }, { name: 'bob' }])).toEqual([['bob', 92, []]]);
  expect(await alter([{ name: 'bob', mechanism: 2 }], [])).toEqual([['bob', 91]]);
  expect(await alter([{ name: 'bob', mechanism: 1 }], [upsert('bob', 1, 4096)])).toEqual([['bob', 92]]);
  expect(await broker.server.credentials.isPasswordOf('bob', 'pw')).toBe(true);
  expect(await alter([{ name: 'bob', mechanism: 1 }], [])).toEqual([['bob', 0]]);
  expect(await broker.server.credentials.isPasswordOf('bob', 'pw')).toBe(false);
});
