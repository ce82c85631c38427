/** The words of the domain, without I/O. */
export { assert, unreachable } from './assert.ts';
export * from './batch.ts';
export { BatchBuilder } from './batch-builder.ts';
export { copyBatch, forEachRow } from './batch-copy.ts';
export { eachOf, selectRows, withColumns, withSchema } from './batch-views.ts';
export type { Clock } from './clock.ts';
export * from './column-buffer.ts';
export {
  bytesOf,
  numbersOf,
  timestampsOf,
} from './column-cells.ts';
export { compileFactory, compileOnce } from './compile-source.ts';
export * from './decimal.ts';
export { ERROR_CODES, type ErrorCode, type ErrorDomain, MillraceError, messageOf } from './errors.ts';
export {
  armFailpoints,
  FAILPOINTS,
  type Failpoint,
  type FailpointHook,
  failpoint,
  failpointHook,
} from './failpoint.ts';
export { Gatherer, type Picked } from './gather.ts';
export { packBatch, unpackBatch } from './packed-batch.ts';
export { type Rng, seededRng } from './rng.ts';
export { isAccumulate, ROW_KIND_NAMES, RowKind } from './row-kind.ts';
export { putValue, type RowValue, rowValue, rowValues } from './row-value.ts';
export { errorOf, plainError, Rpc, type RpcHandler, type RpcPort, Transferred } from './rpc.ts';
export { overwriteBytes, scatter } from './scatter.ts';
export * from './types.ts';
export * from './utf8.ts';
