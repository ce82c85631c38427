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
  /** What the committer has stored last, for the writer to see which parts wait for time alone. */
  let last: PartState | null = null;
  return {
    delivery: 'exactly-once',
    openWriter: async context => {
      last ??= stateOf(new PartStore(options.path, context.sinkId), context);
      return writer(table, options, clock, () => last);
    },
    openCommitter: async context =>
      openCommitter(options, clock, context, state => {
        last = state;
      }),
  };
}

/** The stored state, if it is this incarnation's. */
function stateOf(store: PartStore, { incarnation }: SinkContext): PartState {
  const stored = store.load();
  return stored?.incarnation === incarnation ? stored : noParts(incarnation);
}

function writer(
  table: TableDeclaration,
  options: FilesystemOptions,
  clock: Clock,
  state: () => PartState | null,
): SinkWriter {
  const staged = new StagedLines(table, options);
  let isEnd = false;
  const waits = (): boolean => {
    const known = state();
    if (known === null) return false;
    const nowMs = clock.nowMs();
    const marks = known.uncommitted.some(({ sinceMs }) => nowMs - sinceMs >= options.commitDelayMs);
    const unmarked = options.successFile !== null && marks;
    return unmarked || known.open.some(part => isDue(part, options.rolling, nowMs));
  };
  return {
    write: batch => staged.add(batch),
    prepare: async () => staged.take(isEnd, waits()),
    wantsCheckpoint: waits,
    finish: () => {
      isEnd = true;
    },
    flush: async () => {},
    close: async () => {},
  };
}

function openCommitter(
  options: FilesystemOptions,
  clock: Clock,
  context: SinkContext,
  stored: (state: PartState) => void,
): Committer {
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
    stored(state);
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
    close: async () => {},
  };
}
