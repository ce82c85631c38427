/**
 * Named places where a test may stop the program dead, to prove that what was acknowledged survives.
 * A name says the step and whether it is about to happen (`before`) or has just happened (`after`).
 * Add a name here with the code that passes it; the kill tests walk this list.
 */
export const FAILPOINTS = [
  'capture.commit.after',
  'capture.commit.before',
  'checkpoint.align.after',
  'checkpoint.align.before',
  'checkpoint.copy.after',
  'checkpoint.discard.after',
  'checkpoint.inject.before',
  'checkpoint.kept.after',
  'checkpoint.rename.after',
  'checkpoint.rename.before',
  'checkpoint.write.before',
  'exchange.barrier.after',
  'exchange.send.before',
  'exchange.take.after',
  'files.append.after',
  'files.publish.after',
  'files.state.after',
  'files.state.before',
  'jdbc.apply.after',
  'log.adopt.synced.after',
  'log.append.synced.after',
  'log.append.written.after',
  'log.compact.rename.after',
  'log.compact.rename.before',
  'log.retention.remove.before',
  'log.roll.create.after',
  'log.roll.create.before',
  'log.snapshot.rename.after',
  'log.snapshot.rename.before',
  'log.start.moved.after',
  'log.table.compact.before',
  'log.topic.create.before',
  'log.topic.delete.after',
  'log.topic.grow.before',
  'log.transaction.data.after',
  'log.transaction.markers.after',
  'log.transaction.prepare.after',
  'refused.commit.after',
  'refused.commit.before',
  'savepoint.rename.before',
  'sink.commit.after',
  'sink.commit.before',
  'sink.prepare.after',
  'sink.prepare.before',
  'staging.append.after',
  'staging.release.after',
  'staging.seal.after',
  'staging.sync.after',
  'transaction.add.after',
  'transaction.complete.after',
  'transaction.expire.after',
  'transaction.init.after',
  'transaction.marker.before',
  'transaction.markers.after',
  'transaction.offsets.after',
  'transaction.prepare.after',
  'transaction.prepare.before',
  'transaction.timeout.after',
] as const;
export type Failpoint = (typeof FAILPOINTS)[number];

/** What an armed program does on passing a failpoint: kill itself, or crash its simulated disk. */
export type FailpointHook = (name: Failpoint) => void;

let armed: FailpointHook | null = null;

/** Mark a step. Does nothing unless a hook is armed, which only tests do. */
export function failpoint(name: Failpoint): void {
  if (armed !== null) armed(name);
}

/** Arm (or, with null, disarm) the hook. Returns the former one, so that a test can put it back. */
export function armFailpoints(hook: FailpointHook | null): FailpointHook | null {
  const former = armed;
  armed = hook;
  return former;
}

/**
 * Read `name` or `name:count` (the count-th passing, from 1) and make the hook that calls `strike` there.
 * Undefined when the name is unknown or the count no positive integer.
 */
export function failpointHook(setting: string, strike: FailpointHook): FailpointHook | undefined {
  const [name, count = '1'] = setting.split(':');
  const wanted = FAILPOINTS.find(known => known === name);
  if (wanted === undefined || !/^[1-9][0-9]*$/.test(count)) return undefined;
  let left = Number(count);
  return passed => {
    if (passed === wanted && --left === 0) strike(passed);
  };
}
