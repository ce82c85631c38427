import { MessageChannel } from 'node:worker_threads';
import { Rpc } from '../../src/core/mod.ts';
import { type Log, remoteLog, serveLog } from '../../src/log/mod.ts';
import type { LogUnderTest } from './log-conformance.ts';

/** The log as another thread has it: through a channel, though here both ends are in one thread. */
export function throughChannel(log: Log): { readonly log: Log; close(): void } {
  const { port1, port2 } = new MessageChannel();
  const ends = [port1, port2].map((port, k) => {
    const post = (message: unknown, transfer: readonly ArrayBuffer[] = []): void =>
      port.postMessage(message, [...transfer]);
    const rpc = new Rpc({ postMessage: post }, k === 0 ? {} : serveLog(log));
    port.on('message', message => rpc.receive(message));
    return rpc;
  });
  return { log: remoteLog(ends[0]!), close: () => port1.close() };
}

/** A log under test as another thread has it. */
export function fromAnotherThread(under: LogUnderTest): LogUnderTest {
  let far = throughChannel(under.log);
  return {
    log: far.log,
    reopen: async () => {
      far.close();
      far = throughChannel(await under.reopen());
      return far.log;
    },
    dispose: async () => {
      far.close();
      await under.dispose();
    },
  };
}
