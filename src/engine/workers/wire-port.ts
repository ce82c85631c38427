import type { MessagePort } from 'node:worker_threads';
import { unreachable } from '../../core/mod.ts';
import type { WireMessage } from '../exchange/outbox.ts';

/** What one task sends another in another worker. */
export interface WireEnvelope {
  /** The attempt that the tasks belong to. */
  readonly group: number;
  readonly target: number;
  readonly message: WireMessage;
}

/** Envelopes on their way: numbers and memory only, which cost a thread far less to read than objects. */
interface Sent {
  /** `NUMBERS` of each envelope. */
  readonly numbers: Float64Array;
  /** Of the envelopes with rows, in their order. */
  readonly memories: readonly ArrayBuffer[];
}

/** Group, target, channel, sender, kind, and what the kind tells. */
const NUMBERS = 6;
const KINDS = ['taken', 'rows', 'watermark', 'idle', 'barrier'] as const;
const [TAKEN, ROWS, WATERMARK, IDLE] = [0, 1, 2, 3];

/**
 * Collects what goes to another worker, and sends all of it when the work under way makes room for others:
 * waking a thread costs more than most messages.
 */
export class WirePort {
  readonly #port: Pick<MessagePort, 'postMessage'>;
  #numbers: number[] = [];
  #memories: ArrayBuffer[] = [];

  constructor(port: Pick<MessagePort, 'postMessage'>) {
    this.#port = port;
  }

  post({ group, target, message }: WireEnvelope): void {
    if (this.#numbers.length === 0) setImmediate(() => this.#flush());
    const kind = KINDS.indexOf(message.kind === 'taken' ? 'taken' : message.message.kind);
    this.#numbers.push(group, target, message.channel, message.from, kind, toldBy(message));
    if (message.kind === 'data' && message.message.kind === 'rows')
      this.#memories.push(message.message.memory);
  }

  #flush(): void {
    const sent: Sent = { numbers: Float64Array.from(this.#numbers), memories: this.#memories };
    this.#numbers = [];
    this.#memories = [];
    this.#port.postMessage(sent, sent.memories);
  }
}

/** The one number that a message tells beside its kind. */
function toldBy(message: WireMessage): number {
  if (message.kind === 'taken') return message.rows;
  const { message: sent } = message;
  switch (sent.kind) {
    case 'rows':
      return sent.count;
    case 'watermark':
      return sent.ms;
    case 'idle':
      return sent.isIdle ? 1 : 0;
    case 'barrier':
      return sent.epoch;
    default:
      return unreachable(sent);
  }
}

/** What a `WirePort` at the other end has sent, envelope by envelope. */
export function receiveWire(data: unknown, deliver: (envelope: WireEnvelope) => void): void {
  const { numbers, memories } = data as Sent;
  let rows = 0;
  for (let at = 0; at < numbers.length; at += NUMBERS) {
    const [group, target, channel] = [numbers[at]!, numbers[at + 1]!, numbers[at + 2]!];
    const [from, kind, told] = [numbers[at + 3]!, numbers[at + 4]!, numbers[at + 5]!];
    if (kind === TAKEN) {
      deliver({ group, target, message: { kind: 'taken', channel, from, rows: told } });
      continue;
    }
    const memory = kind === ROWS ? memories[rows++]! : null;
    deliver({ group, target, message: { kind: 'data', channel, from, message: sentAs(kind, told, memory) } });
  }
}

function sentAs(kind: number, told: number, memory: ArrayBuffer | null) {
  if (memory !== null) return { kind: 'rows', count: told, memory } as const;
  if (kind === WATERMARK) return { kind: 'watermark', ms: told } as const;
  if (kind === IDLE) return { kind: 'idle', isIdle: told === 1 } as const;
  return { kind: 'barrier', epoch: told } as const;
}
