/** The Log contract on a real Kafka cluster. */
export { type ClusterLog, type ClusterLogOptions, openClusterLog } from './cluster-log.ts';
export { addressOf, type Compression, type SaslMechanism, type SecurityProtocol } from './settings.ts';
