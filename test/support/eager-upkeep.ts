import type { Upkeep } from '../../src/state/mod.ts';

/**
 * State is tidied up whenever it can be, and memory left behind is spoilt: a borrowed batch that lives on
 * shows.
 */
export const EAGER: Upkeep = { rowsMin: 1, droppedMin: 1, garbageMin: 1, spoils: true };
