import type { Command } from '../command.ts';
import { consumeCommand } from './consume.ts';
import { doctorCommand } from './doctor.ts';
import { groupsCommand } from './groups.ts';
import { produceCommand } from './produce.ts';
import { replayCommand } from './replay.ts';
import { savepointCommand } from './savepoint.ts';
import { sqlCommand } from './sql.ts';
import { startCommand } from './start.ts';
import { statusCommand } from './status.ts';
import { stopCommand } from './stop.ts';
import { topicsCommand } from './topics.ts';
import { validateCommand } from './validate.ts';
import { wipeCommand } from './wipe.ts';

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  startCommand,
  stopCommand,
  statusCommand,
  validateCommand,
  sqlCommand,
  savepointCommand,
  topicsCommand,
  produceCommand,
  consumeCommand,
  groupsCommand,
  replayCommand,
  doctorCommand,
  wipeCommand,
];
