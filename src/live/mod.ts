/** Live views: keyed results held in memory, given to browsers as a snapshot and then deltas. */
export { changesOf, jsonRow } from './batch-rows.ts';
export { type LiveHub, openLiveHub, type Subscriber } from './hub.ts';
export type * from './protocol.ts';
export { serveLiveSocket } from './socket.ts';
export { openLiveView, type ViewChange, type ViewSpec } from './view.ts';
