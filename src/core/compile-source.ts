type Factory = (...values: readonly unknown[]) => unknown;

/** Sources that are kept compiled; the one that was asked for longest ago goes. */
const KEPT_MAX = 1024;
const kept = new Map<string, Factory>();

/**
 * The function with these parameters and this body. The same text gives the same function again: what it
 * makes
 * shares what the machine has learned and optimized, so that a job that starts again, or is started a second
 * time, runs at full speed at once. The text holds nothing a user wrote; what differs comes in by the
 * parameters.
 */
export function compileSource(parameters: readonly string[], body: string): Factory {
  const key = `${parameters.join()}|${body}`;
  const known = kept.get(key);
  if (known !== undefined) {
    kept.delete(key);
    kept.set(key, known);
    return known;
  }
  const made = new Function(...parameters, body) as Factory;
  kept.set(key, made);
  if (kept.size > KEPT_MAX) {
    for (const oldest of kept.keys()) {
      kept.delete(oldest);
      break;
    }
  }
  return made;
}
