/** The connector `print`: each row as a line, as Flink writes it. */
export { printSink } from './sink.ts';
