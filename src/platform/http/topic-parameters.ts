import { z } from 'zod';

/** `0,2` as numbers. */
export const partitionList = z
  .string()
  .regex(/^\d{1,9}(,\d{1,9})*$/, 'numbers of partitions, separated by commas')
  .transform(text => [...new Set(text.split(',').map(Number))]);

/** `0:17,1:9` as offsets by partition. */
export const positionList = z
  .string()
  .regex(/^\d{1,9}:\d{1,16}(,\d{1,9}:\d{1,16})*$/, 'PARTITION:OFFSET, separated by commas')
  .transform(
    text =>
      new Map(
        text.split(',').map(pair => {
          const [partition, offset] = pair.split(':').map(Number);
          return [partition!, offset!];
        }),
      ),
  );

/** A time as epoch milliseconds or as ISO 8601 with its zone. */
export const timeMs = z
  .union([
    z.coerce.number().int().min(0),
    z.iso.datetime({ offset: true }).transform(text => Date.parse(text)),
  ])
  .describe('epoch milliseconds or ISO 8601 with a zone, e.g. 2026-11-21T17:00:00Z');
