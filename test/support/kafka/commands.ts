import { spawnSync } from 'node:child_process';

/** Whether a command is on the path. */
export const hasCommand = (name: string): boolean => spawnSync('which', [name]).status === 0;
