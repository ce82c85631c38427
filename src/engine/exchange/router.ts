import { type Batch, selectRows } from '../../core/mod.ts';
import type { ExchangeNode } from '../../plan/mod.ts';
import { compileRouter } from '../../state/mod.ts';
import type { Operator } from '../operators/mod.ts';

/** What one task tells another through an exchange. A batch is borrowed. */
export type ExchangeMessage =
  | { readonly kind: 'batch'; readonly batch: Batch }
  | { readonly kind: 'watermark'; readonly ms: number }
  | { readonly kind: 'idle'; readonly isIdle: boolean }
  | { readonly kind: 'barrier'; readonly epoch: number };

/** The sending end of an exchange: rows go to the task that holds their key, watermarks to all. */
export function openRouter(
  node: ExchangeNode,
  parallelism: number,
  send: (target: number, message: ExchangeMessage) => void,
): Operator {
  const types = node.keys.map(key => node.schema.fields[key]!.type);
  const route = compileRouter(types, node.keys, parallelism);
  const selections = Array.from({ length: parallelism }, () => new Int32Array(0));
  const counts = new Int32Array(parallelism);
  let targets = new Uint8Array(0);

  return {
    onBatch: batch => {
      const { selection, selectionCount } = batch;
      if (targets.length < selectionCount) {
        targets = new Uint8Array(selectionCount * 2);
        for (let t = 0; t < parallelism; t++) selections[t] = new Int32Array(selectionCount * 2);
      }
      route(batch, targets);
      counts.fill(0);
      for (let k = 0; k < selectionCount; k++) {
        const target = targets[k]!;
        selections[target]![counts[target]!++] = selection === null ? k : selection[k]!;
      }
      for (let t = 0; t < parallelism; t++) {
        if (counts[t] === 0) continue;
        const part = selectRows(batch, selections[t]!, counts[t]!);
        send(t, { kind: 'batch', batch: counts[t] === selectionCount ? batch : part });
      }
    },
    onWatermark: ms => {
      for (let t = 0; t < parallelism; t++) send(t, { kind: 'watermark', ms });
    },
  };
}
