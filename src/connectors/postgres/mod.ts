/** Tables in PostgreSQL: connector `jdbc`. */
export { type JdbcDependencies, jdbcSink } from './sink.ts';
