import type { GroupError } from '../../log/mod.ts';
import { codeOf } from './handler.ts';

/** The code of what a group said; 0 where nothing is wrong. */
export const groupCode = (error: GroupError | null): number => (error === null ? 0 : codeOf(error));
