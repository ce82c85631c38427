import { expect, test } from 'vitest';
import { resolveConfig } from '../../../src/platform/config/resolve.ts';
import { kafkaListeners } from '../../../src/platform/parts/kafka-listeners.ts';

const listeners = (flags: Readonly<Record<string, string>>) =>
  kafkaListeners(resolveConfig({ flags: new Map(Object.entries(flags)), environment: {} }));

test('without settings there is one on loopback, whose port may be another', () => {
  expect(listeners({})).toEqual([
    {
      ...{ name: 'PLAINTEXT', host: '127.0.0.1', port: 9092, portsMax: 100 },
      ...{ advertised: null, security: 'PLAINTEXT' },
    },
  ]);
  expect(listeners({ 'kafka.port': '9092' })[0]!.portsMax).toBe(0);
});

test('further listeners have advertised addresses of their own, by their protocols', () => {
  const found = listeners({
    'kafka.advertised': 'localhost:1',
    'kafka.listeners': 'SSL://127.0.0.1:9094, SASL_SSL://0.0.0.0:9093',
    'kafka.advertised-listeners': 'SASL_SSL://kafka.example.com:9093',
  });
  expect(found.map(({ security, host, port, advertised }) => [security, host, port, advertised])).toEqual([
    ['PLAINTEXT', '127.0.0.1', 9092, { host: 'localhost', port: 1 }],
    ['SSL', '127.0.0.1', 9094, null],
    ['SASL_SSL', '0.0.0.0', 9093, { host: 'kafka.example.com', port: 9093 }],
  ]);
});

test.each([
  [{ 'kafka.host': '0.0.0.0' }, 'would let anybody in: set kafka.security-protocol to SASL_SSL'],
  [{ 'kafka.listeners': 'SSL://192.168.1.1:9093' }, 'would let anybody in'],
  [{ 'kafka.host': '0.0.0.0', 'kafka.security-protocol': 'SASL_SSL' }, 'set kafka.advertised, e.g.'],
  [{ 'kafka.listeners': 'SASL_SSL://0.0.0.0:9093' }, 'set kafka.advertised-listeners, e.g. SASL_SSL://'],
  [{ 'kafka.listeners': 'localhost:9093' }, 'expected PROTOCOL://host:port'],
  [{ 'kafka.advertised': 'localhost' }, 'expected host:port'],
  [
    {
      'kafka.listeners': 'SSL://127.0.0.1:9094,SSL://[::1]:9095',
      'kafka.advertised-listeners': 'SSL://a:1,SASL_SSL://kafka.example.com:9093',
    },
    'kafka.advertised-listeners has SASL_SSL://kafka.example.com:9093, which fits no listener: ' +
      'kafka.listeners has SSL://127.0.0.1:9094, SSL://[::1]:9095; each takes one entry of its own protocol.',
  ],
  [
    { 'kafka.listeners': 'SSL://127.0.0.1:9094', 'kafka.advertised-listeners': 'SSL://a:1,SSL://b:2' },
    'kafka.advertised-listeners has SSL://b:2, which fits no listener',
  ],
  [
    { 'kafka.advertised-listeners': 'PLAINTEXT://kafka.example.com:9092' },
    'kafka.listeners has none; each takes one entry of its own protocol, ' +
      'and what kafka.port (PLAINTEXT://127.0.0.1:9092) advertises is set by kafka.advertised.',
  ],
])('%o is refused with what to set', (flags, sentence) => {
  expect(() => listeners(flags)).toThrow(sentence);
});
