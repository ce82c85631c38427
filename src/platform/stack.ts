import { messageOf } from '../core/mod.ts';
import { within } from './within.ts';

/** What must be undone, in the reverse order of how it came about. */
export interface Stack {
  /**
   * Remembers how to undo a step that has just succeeded. Once unwound, such a straggler is undone at once.
   */
  push(name: string, undo: () => Promise<void> | void): void;
  /** Undoes everything, going on where a step fails; safe to call again. */
  unwind(): Promise<void>;
}

/**
 * An empty stack. A step that fails to be undone, or takes longer than `stepMsMax`, is told and passed
 * over.
 */
export function createStack(say: (line: string) => void, stepMsMax = 15_000): Stack {
  const steps: { readonly name: string; readonly undo: () => Promise<void> | void }[] = [];
  let unwound = false;
  const undoAll = async (): Promise<void> => {
    for (let step = steps.pop(); step; step = steps.pop()) {
      try {
        await within(step.undo(), stepMsMax);
      } catch (error) {
        say(`stopping ${step.name}: ${messageOf(error)}`);
      }
    }
  };
  return {
    push: (name, undo) => {
      steps.push({ name, undo });
      if (unwound) void undoAll();
    },
    unwind: async () => {
      await undoAll();
      unwound = true;
    },
  };
}
