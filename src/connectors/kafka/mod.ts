/** Tables over topics of the log: connectors `kafka` and `upsert-kafka`. */
export { clusterOf } from './cluster-of.ts';
export { kafkaSink } from './sink.ts';
export { kafkaSource } from './source.ts';
