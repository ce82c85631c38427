import { defineGenerator, seededRng } from 'millrace/app';
import { makeDataSet, problemsOf } from './reference/data-set.ts';
import { loadTables } from './reference/load.ts';
import { readPast, writePast } from './traffic/backfill.ts';
import { LiveTraffic } from './traffic/live.ts';
import { trafficSettings } from './traffic/settings.ts';
import { readWorld } from './traffic/world.ts';

const REFERENCE_LOADED = 'reference_loaded';

/** The company's data and the traffic in it. */
export default defineGenerator({
  load: async context => {
    const { database } = context;
    const done = await database.query(`SELECT 1 FROM ops.generator_state WHERE name = $1`, [
      REFERENCE_LOADED,
    ]);
    if (done.length > 0) return;
    // Marked last: a start that was cut short goes on with the tables that are still empty.
    const data = makeDataSet(trafficSettings(context).seed);
    const problems = problemsOf(data);
    for (const problem of problems) context.logger.warn(`reference data: ${problem}`);
    if (problems.length === 0) {
      context.logger.info('reference data: every key is unique, every reference has its row');
    }
    await loadTables(context, data);
    await database.query(`INSERT INTO ops.generator_state VALUES ($1, 'true')`, [REFERENCE_LOADED]);
  },
  backfill: async context => {
    const settings = trafficSettings(context);
    const past = await readPast(context, settings);
    if (past.isDone) return;
    const rng = seededRng(settings.seed).fork('past');
    await writePast(context, settings, await readWorld(context), rng, past);
  },
  run: async context => {
    const settings = trafficSettings(context);
    const rng = seededRng(settings.seed).fork(`live ${context.clock.nowMs()}`);
    await new LiveTraffic(context, settings, await readWorld(context), rng).run();
  },
});
