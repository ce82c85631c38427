/** The edges' contracts, nothing else: what a connector gives the engine and what it may rely on. */

export type { Lookup, LookupAnswer } from './lookup.ts';
export type { RejectedRecord, RejectedRow } from './rejected.ts';
export type { ScalarFunction } from './scalar-function.ts';
export {
  type Committer,
  type Sink,
  type SinkContext,
  type SinkWriter,
  type Staged,
  stagedPieces,
} from './sink.ts';
export type { Position, Source, SourceEvent, Split, SplitReader } from './source.ts';
export type { SealedFile, StagingFile, StagingFiles } from './staging.ts';
