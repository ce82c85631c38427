/** The command line's entry; the commands live in `platform/cli`. Resolves to the exit status. */
export { runCli as main } from './platform/mod.ts';
