/** The composition root: configuration, lifecycle, HTTP, command line. */
export { runCli } from './cli/main.ts';
