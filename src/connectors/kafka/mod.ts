/** Tables over topics of the log: connectors `kafka` and `upsert-kafka`. */
export { kafkaSink } from './sink.ts';
export { kafkaSource } from './source.ts';
