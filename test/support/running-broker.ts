import { seededRng } from '../../src/core/mod.ts';
import { type KafkaServer, type KafkaServerOptions, openKafkaServer } from '../../src/kafka/mod.ts';
import { type LogBroker, openEmbeddedLog } from '../../src/log/mod.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { MemoryDisk } from './memory-disk.ts';

/** A broker in this process, on a disk in memory and a free port, whose clock goes on. */
export class RunningBroker implements AsyncDisposable {
  /** What it told its log, line by line. */
  readonly lines: string[];
  readonly log: LogBroker;
  readonly server: KafkaServer;

  private constructor(log: LogBroker, server: KafkaServer, lines: string[]) {
    this.log = log;
    this.server = server;
    this.lines = lines;
  }

  static async open(settings: KafkaServerOptions['settings'] = {}): Promise<RunningBroker> {
    const storage = new MemoryDisk(seededRng(1)).mount();
    const log = await openEmbeddedLog({ storage, clock: systemClock, directory: '/log' });
    const lines: string[] = [];
    const server = await openKafkaServer({
      ...{ broker: log, clock: systemClock, settings, say: line => lines.push(line) },
      listeners: [
        {
          name: 'PLAINTEXT',
          host: '127.0.0.1',
          port: 0,
          portsMax: 0,
          advertised: null,
          security: 'PLAINTEXT',
        },
      ],
    });
    return new RunningBroker(log, server, lines);
  }

  get port(): number {
    return this.server.listeners[0]!.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close();
    await this.log.close();
  }
}
