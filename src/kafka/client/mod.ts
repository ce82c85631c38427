/** The Log contract on a real Kafka cluster. */
export { type ClusterLog, type ClusterLogOptions, openClusterLog } from './cluster-log.ts';
export { addressOf } from './settings.ts';
