import { createHash } from 'node:crypto';
import {
  type Committer,
  type Sink,
  type SinkContext,
  type SinkWriter,
  stagedPieces,
} from '../../contract/mod.ts';
import { type Clock, MillraceError, messageOf } from '../../core/mod.ts';
import type { TableDeclaration } from '../../plan/mod.ts';
import { type FilesystemOptions, filesystemOptions } from './options.ts';
import { afterAppends, isDue, noParts, type PartState, planAppends } from './part-state.ts';
import { PartStore } from './part-store.ts';
import { StagedLines, stagedParts } from './staged-lines.ts';

export interface FilesystemDependencies {
  readonly clock: Clock;
}

/**
 * A table in files, exactly once. An epoch's lines are staged in the checkpoint; to commit it they are
 * appended to hidden parts, and one atomic step stores the epoch with the lengths that count. Parts become
 * visible when the rolling policy, or the end of the input, completes them.
 */
export function filesystemSink(table: TableDeclaration, { clock }: FilesystemDependencies): Sink {
  const options = filesystemOptions(table);
  if (/[*?]/.test(options.path)) {
    throw new MillraceError('SQL_INVALID', `the path '${options.path}' of a sink must be one folder`);
  }
  return {
    delivery: 'exactly-once',
    // What the committer has stored is asked of the disk: it may run in another thread.
    openWriter: async context => {
      const store = new PartStore(options.path, context.sinkId);
      return writer(table, options, clock, () => stateOf(store, context));
    },
    openCommitter: async context => openCommitter(options, clock, context),
  };
}

/** The stored state, if it is this incarnation's. */
function stateOf(store: PartStore, { incarnation, sinkId }: SinkContext): PartState {
  const stored = store.load();
  if (stored?.incarnation === incarnation) return stored;
  const writer = createHash('sha256')
    .update(JSON.stringify([incarnation, sinkId]))
    .digest('hex')
    .slice(0, 16);
  return noParts(incarnation, `part-${writer}`);
}

function writer(
  table: TableDeclaration,
  options: FilesystemOptions,
  clock: Clock,
  state: () => PartState,
): SinkWriter {
  const staged = new StagedLines(table, options);
  let isEnd = false;
  const waits = (): boolean => {
    const known = state();
    const nowMs = clock.nowMs();
    const marks = known.uncommitted.some(({ sinceMs }) => nowMs - sinceMs >= options.commitDelayMs);
    const unmarked = options.successFile !== null && marks;
    return unmarked || known.open.some(part => isDue(part, options.rolling, nowMs));
  };
  return {
    write: batch => staged.add(batch),
    prepare: async () => staged.take(isEnd, waits()),
    stagedBytes: () => staged.byteLength,
    wantsCheckpoint: waits,
    finish: () => {
      isEnd = true;
    },
    flush: async () => {},
    close: async () => {},
  };
}

function openCommitter(options: FilesystemOptions, clock: Clock, context: SinkContext): Committer {
  const store = new PartStore(options.path, context.sinkId);
  let state = stateOf(store, context);
  const publish = (): void => {
    for (const part of state.complete) store.publish(part);
  };
  /** Marks the partitions whose delay is over; all of them at the end. */
  const mark = (nowMs: number, isEnd: boolean): void => {
    const { successFile, commitDelayMs } = options;
    const due = state.uncommitted.filter(({ sinceMs }) => isEnd || nowMs - sinceMs >= commitDelayMs);
    if (due.length === 0) return;
    if (successFile !== null) for (const { folder } of due) store.mark(folder, successFile);
    state = { ...state, uncommitted: state.uncommitted.filter(folder => !due.includes(folder)) };
  };
  const commit = (epoch: number, staged: Uint8Array): void => {
    publish(); // what a crash may have kept from being published
    if (epoch <= state.epoch) return;
    const { header, bytesOf } = stagedParts(staged);
    const nowMs = clock.nowMs();
    const plan = planAppends(state, header.folders, nowMs);
    plan.appends.forEach(({ part }, i) => {
      store.append(part, bytesOf[i]!);
    });
    const at = { policy: options.rolling, nowMs, isEnd: header.isEnd };
    const next = afterAppends(state, epoch, plan, at);
    store.store(next);
    state = next;
    publish();
    mark(nowMs, header.isEnd);
  };
  const finish = (): void => {
    publish();
    if (state.open.length === 0) return;
    const nowMs = clock.nowMs();
    const at = { policy: options.rolling, nowMs, isEnd: true };
    const next = afterAppends(state, state.epoch, { appends: [], begun: state.begun }, at);
    store.store(next);
    state = next;
    publish();
    mark(nowMs, true);
  };
  return {
    commit: async (epoch, staged) => {
      try {
        const [first, ...more] = stagedPieces(staged);
        commit(epoch, more.length === 0 ? first! : Buffer.concat([first!, ...more]));
      } catch (cause) {
        if (cause instanceof MillraceError) throw cause;
        throw new MillraceError('SINK_FAILED', `${options.path} could not be written: ${messageOf(cause)}`, {
          cause,
        });
      }
    },
    finish: async () => finish(),
    close: async () => {},
  };
}
