import type { SinkContext } from '../../contract/mod.ts';
import type { Schema } from '../../core/mod.ts';
import {
  type ChangelogMode,
  inputsOf,
  type PhysicalNode,
  type PhysicalPlan,
  type SinkNode,
  type TableDeclaration,
} from '../../plan/mod.ts';
import { deadLetterTable, lateTable } from './side-tables.ts';
import { nodeStagingFiles } from './staging-files.ts';

/** What a job writes: the plan's sinks, the late rows of its nodes, and the records that can't be read. */
export const sinkName = (sink: SinkNode): string => `${sink.id}-${sink.table.name}`;
export const lateName = (node: number): string => `late-${node}`;
/** By stage, because each stage has its own part in a checkpoint. */
export const deadLetterName = (stage: number, topic: string): string => `${DEAD_LETTERS}${stage}/${topic}`;
const DEAD_LETTERS = 'dead-letters/';
/** Of the rows that a sink's table refused: written when its output is, not with a checkpoint. */
export const refusedName = (sink: string): string => `refused/${sink}`;

/** The identity of a sink's writer in one task: epochs are applied once per identity. */
const sinkIdOf = (job: string, name: string, task: number): string =>
  task === 0 ? `${job}/${name}` : `${job}/${name}/${task}`;

/** What a sink of a task is told; `staging` is the folder for its staged output. */
export function sinkContext(
  sink: { readonly job: string; readonly name: string; readonly task: number },
  incarnation: string,
  staging: string | null,
): SinkContext {
  const sinkId = sinkIdOf(sink.job, sink.name, sink.task);
  const files = staging === null ? {} : { staging: nodeStagingFiles(staging, sinkId) };
  return { incarnation, sinkId, ...files };
}

/** A table that a job writes, and what it is given. */
export interface Target {
  readonly table: TableDeclaration;
  readonly mode: ChangelogMode;
}

/** The sinks that are known from the plan, with the node whose stage they belong to. */
export function plannedSinks(
  job: string,
  plan: PhysicalPlan,
): readonly (Target & { readonly name: string; readonly node: number })[] {
  const sinks = plan.sinks.map(sink => ({
    ...{ name: sinkName(sink), node: sink.id, table: sink.table, mode: sink.input.changelogMode },
  }));
  const late = lateNodes(plan.sinks).map(({ id, schema }) => ({
    ...{ name: lateName(id), node: id, table: lateTable(job, schema), mode: 'retract' as const },
  }));
  return [...sinks, ...late];
}

export const deadLetterTarget = (topic: string): Target => ({
  table: deadLetterTable(topic),
  mode: 'append',
});

/** The table of a sink by its name in a checkpoint, null when the plan has none of that name. */
export function targetOf(job: string, plan: PhysicalPlan, name: string): Target | null {
  if (!name.startsWith(DEAD_LETTERS)) return plannedSinks(job, plan).find(sink => sink.name === name) ?? null;
  return deadLetterTarget(name.slice(name.indexOf('/', DEAD_LETTERS.length) + 1));
}

const KEEPING_LATE: readonly PhysicalNode['kind'][] = [
  'windowAggregate',
  'windowRank',
  'windowTableFunction',
];

/** The nodes that keep their late rows, with the rows' schema. */
function lateNodes(sinks: readonly SinkNode[]): { readonly id: number; readonly schema: Schema }[] {
  const found = new Map<number, { id: number; schema: Schema }>();
  const visit = (node: PhysicalNode): void => {
    if (KEEPING_LATE.includes(node.kind) && 'input' in node)
      found.set(node.id, { id: node.id, schema: node.input.schema });
    for (const input of inputsOf(node)) visit(input);
  };
  for (const sink of sinks) visit(sink.input);
  return [...found.values()];
}
