import { armFailpoints, failpointHook, MillraceError } from '../core/mod.ts';

/**
 * Arm the failpoint named by MILLRACE_FAILPOINT=`name` or `name:count`: the process kills itself there, as
 * `kill -9` would, without a chance to flush or to tidy up. For whole-program tests.
 */
export function armKillFromEnvironment(environment: Readonly<Record<string, string | undefined>>): void {
  const setting = environment['MILLRACE_FAILPOINT'];
  if (setting === undefined || setting === '') return;
  const hook = failpointHook(setting, name => {
    process.stderr.write(`failpoint ${name}: killing the process\n`);
    process.kill(process.pid, 'SIGKILL');
    // The signal is delivered on return to the kernel; nothing may run before that.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
  if (hook === undefined) {
    throw new MillraceError(
      'CONFIG_INVALID',
      `MILLRACE_FAILPOINT=${setting} names no failpoint; see src/core/failpoint.ts for name or name:count`,
    );
  }
  armFailpoints(hook);
}
