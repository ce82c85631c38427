import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, type Millrace, startMillrace } from '../support/millrace.ts';

describe('validate', () => {
  let millrace: Millrace;
  beforeAll(async () => {
    millrace = await startMillrace();
  });
  afterAll(() => millrace?.dispose());

  test('every sink equals the recomputation while traffic goes on', () => {
    const { status, stdout, stderr } = millrace.cli('validate', 'flavor-trend');
    expect(status, stdout + stderr).toBe(0);
    expect(stdout).toMatch(/city_orders_per_minute/);
    expect(stdout).toMatch(/sla_violations/);
  });

  test('a sink row altered by hand is named and the exit status is not 0', async () => {
    const database = await millrace.database();
    const altered = await eventually('a violation to alter', async () => {
      const { rows } = await database.query(
        `UPDATE sla_violations SET delay_minutes = delay_minutes + 1
         WHERE order_id = (SELECT order_id FROM sla_violations ORDER BY order_id LIMIT 1) RETURNING order_id`,
      );
      return rows[0] as { order_id: string } | undefined;
    });
    const wrong = millrace.cli('validate', 'flavor-trend');
    expect(wrong.status).not.toBe(0);
    expect(wrong.stdout + wrong.stderr).toMatch(/sla_violations/);
    expect(wrong.stdout + wrong.stderr).toContain(String(altered.order_id));
    await database.query(`UPDATE sla_violations SET delay_minutes = delay_minutes - 1 WHERE order_id = $1`, [
      altered.order_id,
    ]);
    await database.end();
    expect(millrace.cli('validate', 'flavor-trend').status).toBe(0);
  });
});
