/** Tables in PostgreSQL: connector `jdbc`. */
export { jdbcLookup } from './lookup.ts';
export { jdbcSink } from './sink.ts';
export { jdbcSource } from './source.ts';
