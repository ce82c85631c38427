/** The connector `blackhole`: takes rows and forgets them. */
export { blackholeSink } from './sink.ts';
