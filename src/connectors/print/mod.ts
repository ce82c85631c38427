/** The connector `print`: each row as a line, as Flink writes it. */
export { type PrintOptions, printSink } from './sink.ts';
