import { Refusal } from '../../../log/mod.ts';
import { DESCRIBE_CLUSTER } from '../../messages/describe-cluster.ts';
import { CLUSTER_OPERATIONS } from '../authorized-operations.ts';
import { NODE_ID } from '../context.ts';
import { handler } from '../handler.ts';

const BROKERS = 1;
const CONTROLLERS = 2;
const NOT_ASKED = -2147483648;

/** The one broker, under the address of the listener that the client came by. */
export const describeCluster = handler(DESCRIBE_CLUSTER, {
  handle: ({ endpointType, includeClusterAuthorizedOperations }, { broker, connection }) => {
    if (endpointType === CONTROLLERS) {
      throw new Refusal('MISMATCHED_ENDPOINT_TYPE', 'controllers are not asked on a listener for clients');
    }
    if (endpointType !== BROKERS) {
      throw new Refusal('UNSUPPORTED_ENDPOINT_TYPE', `there are no endpoints of the type ${endpointType}`);
    }
    const { advertisedHost, advertisedPort } = connection.listener;
    return {
      ...{ throttleTimeMs: 0, errorCode: 0, errorMessage: null, endpointType },
      ...{ clusterId: broker.clusterId, controllerId: NODE_ID },
      brokers: [
        { brokerId: NODE_ID, host: advertisedHost, port: advertisedPort, rack: null, isFenced: false },
      ],
      clusterAuthorizedOperations: includeClusterAuthorizedOperations ? CLUSTER_OPERATIONS : NOT_ASKED,
    };
  },
  refuse: (_, { code, message }) => ({
    ...{ throttleTimeMs: 0, errorCode: code, errorMessage: message, endpointType: BROKERS },
    ...{ clusterId: '', controllerId: -1, brokers: [] },
  }),
});
