import type { KafkaServer, KafkaSettings, SecurityProtocol } from '../../src/kafka/mod.ts';
import { openKafkaServer } from '../../src/kafka/mod.ts';
import type { LogBroker } from '../../src/log/mod.ts';
import { brokerWorld } from './client-batches.ts';
import { Wire } from './kafka-wire.ts';
import type { TestClock } from './test-clock.ts';

/** What a test may choose. */
export interface BrokerOptions extends Partial<KafkaSettings> {
  readonly security?: SecurityProtocol;
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly advertised?: { readonly host: string; readonly port: number };
}

/**
 * A broker in this process: the real log on a disk in memory, the real server on a free port, a clock that
 * stands.
 */
export class TestBroker implements AsyncDisposable {
  readonly log: LogBroker;
  readonly clock: TestClock;
  readonly server: KafkaServer;
  /** What it told the log of the program. */
  readonly lines: readonly string[];

  private constructor(log: LogBroker, clock: TestClock, server: KafkaServer, lines: readonly string[]) {
    this.log = log;
    this.clock = clock;
    this.server = server;
    this.lines = lines;
  }

  static async start(options: BrokerOptions = {}): Promise<TestBroker> {
    const { security = 'PLAINTEXT', tls, advertised = null, ...settings } = options;
    const { log, clock } = await brokerWorld();
    const lines: string[] = [];
    const server = await openKafkaServer({
      ...{ broker: log, clock, settings, say: line => lines.push(line) },
      ...(tls === undefined ? {} : { tls }),
      listeners: [{ name: security, host: '127.0.0.1', port: 0, portsMax: 0, advertised, security }],
    });
    return new TestBroker(log, clock, server, lines);
  }

  get port(): number {
    return this.server.listeners[0]!.port;
  }

  connect(): Promise<Wire> {
    return Wire.open(this.port);
  }

  /** Resolves when the condition holds; what is waited for happens in this process. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise(resolve => setImmediate(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close();
    await this.log.close();
  }
}
