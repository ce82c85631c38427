/** Lets sockets, timers and other jobs have their turn. */
export const yieldToOthers = (): Promise<void> => new Promise(resolve => setImmediate(resolve));
