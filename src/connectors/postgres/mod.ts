/** Tables in PostgreSQL: connector `jdbc`. */
export { jdbcSink } from './sink.ts';
