/** Sources that are kept compiled; the one that was asked for longest ago goes. */
const KEPT_MAX = 1024;
const kept = new Map<string, unknown>();

/**
 * The function that the body returns, which closes over the values, by their names. For values that are the
 * same whenever the text is: the same text gives the same function again, with what the machine has learned
 * of
 * it and optimized, so that a job that starts again, or is started a second time, runs at full speed at once.
 * What differs comes in by the function's parameters. The text holds nothing a user wrote.
 */
export function compileOnce<F>(values: Readonly<Record<string, unknown>>, body: string): F {
  const names = Object.keys(values);
  const make = (): unknown => (new Function(...names, body) as Factory)(...Object.values(values));
  return keep(`${names.join()}||${body}`, make) as F;
}

/**
 * What makes a function from values that differ. For what runs for a single row and must not fetch them each
 * time: the functions made share what was learned of them, but what is optimized goes with the last of them.
 */
export function compileFactory<F>(parameters: readonly string[], body: string): (...values: unknown[]) => F {
  const make = (): unknown => madeTwice(new Function(...parameters, body) as Factory);
  return keep(`${parameters.join()}|${body}`, make) as (...values: unknown[]) => F;
}

function keep(key: string, make: () => unknown): unknown {
  const known = kept.get(key);
  const compiled = known ?? make();
  if (known !== undefined) kept.delete(key);
  kept.set(key, compiled);
  if (kept.size > KEPT_MAX) {
    for (const oldest of kept.keys()) {
      kept.delete(oldest);
      break;
    }
  }
  return compiled;
}

type Factory = (...values: readonly unknown[]) => unknown;

/**
 * V8 optimizes the only closure of a function for the very values it closes over, and has to begin again when
 * there is a second. So there is a second from the start.
 */
function madeTwice(make: Factory): Factory {
  let isFirst = true;
  return (...values) => {
    if (isFirst) {
      isFirst = false;
      make(...values);
    }
    return make(...values);
  };
}
