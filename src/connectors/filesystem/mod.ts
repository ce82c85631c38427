/** The connector `filesystem`: rows as lines of files, read once, written exactly once. */
export { type FilesystemDependencies, filesystemSink } from './sink.ts';
export { filesystemSource } from './source.ts';
