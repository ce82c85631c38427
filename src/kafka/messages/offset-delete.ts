import { api, array, int16, int32, string } from './schema.ts';

/** Deletes a group's positions of topics that it does not read. */
export const OFFSET_DELETE = api({
  name: 'OffsetDelete',
  key: 47,
  versions: [0, 0],
  flexibleFrom: Infinity,
  request: {
    groupId: string('0+'),
    topics: array('0+', {
      name: string('0+'),
      partitions: array('0+', {
        partitionIndex: int32('0+'),
      }),
    }),
  },
  response: {
    errorCode: int16('0+'),
    throttleTimeMs: int32('0+', { ignorable: true }),
    topics: array('0+', {
      name: string('0+'),
      partitions: array('0+', {
        partitionIndex: int32('0+'),
        errorCode: int16('0+'),
      }),
    }),
  },
});
