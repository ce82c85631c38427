import { seededRng } from '../../../src/core/mod.ts';
import { openKafkaServer } from '../../../src/kafka/mod.ts';
import { type LogBroker, openEmbeddedLog, type TransactionSettings } from '../../../src/log/mod.ts';
import { systemClock } from '../../../src/platform/system-clock.ts';
import { Wire } from '../kafka-wire.ts';
import { MemoryDisk } from '../memory-disk.ts';
import type { Broker } from './session.ts';

/** Our broker on a disk in memory, served on a free port. */
export interface OurBroker extends Broker, AsyncDisposable {
  readonly log: LogBroker;
  readonly wire: Wire;
  /** The disk keeps what was flushed, everything else is gone; then the broker starts again. */
  crash(): Promise<void>;
}

const LISTENER = {
  name: 'PLAINTEXT',
  host: '127.0.0.1',
  port: 0,
  portsMax: 0,
  advertised: null,
  security: 'PLAINTEXT',
} as const;

export async function ourBroker(settings: Partial<TransactionSettings> = {}): Promise<OurBroker> {
  const disk = new MemoryDisk(seededRng(1));
  const said: string[] = [];
  const start = async () => {
    const log = await openEmbeddedLog({
      storage: disk.mount(),
      clock: systemClock,
      directory: '/log',
      transactions: settings,
    });
    const server = await openKafkaServer({
      broker: log,
      clock: systemClock,
      listeners: [LISTENER],
      say: line => said.push(line),
    });
    return { log, server, wire: await Wire.open(server.listeners[0]!.port) };
  };
  let now = await start();
  const stop = async () => {
    await now.wire[Symbol.asyncDispose]();
    await now.server.close();
  };
  return {
    get log() {
      return now.log;
    },
    get wire() {
      return now.wire;
    },
    createTopic: async (name, partitions) => {
      await now.log.createTopic(name, partitions);
    },
    pass: ms => systemClock.sleep(ms),
    crash: async () => {
      await stop();
      disk.crash();
      now = await start();
    },
    [Symbol.asyncDispose]: async () => {
      await stop();
      await now.log.close();
    },
  };
}
