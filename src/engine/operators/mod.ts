/** The operators of a running plan. */
export { openCalc } from './calc.ts';
export { openChangelogNormalize } from './changelog-normalize.ts';
export { openConstraintEnforcer } from './constraint-enforcer.ts';
export { openDeduplicate } from './deduplicate.ts';
export { droppingUpdateBefore, openDropUpdateBefore } from './drop-update-before.ts';
export { openGroupAggregate } from './group-aggregate.ts';
export { openIntervalJoin } from './interval-join.ts';
export { openJoin } from './join.ts';
export * from './operator.ts';
export { openOver } from './over.ts';
export { openRank } from './rank.ts';
export { openReplicate } from './replicate.ts';
export { openSinkMaterializer } from './sink-materializer.ts';
export { openTemporalSort } from './temporal-sort.ts';
export { MinWatermark, openUnion } from './union.ts';
export { runValues } from './values.ts';
export { openWatermark, type WatermarkOperator } from './watermark.ts';
export { openWindowAggregate } from './window-aggregate.ts';
