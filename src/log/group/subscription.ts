/**
 * The topics of a consumer's subscription, read as ConsumerProtocolSubscription version 0, with which all
 * later ones begin: `version INT16, topics ARRAY(STRING)`. Null where the bytes are something else.
 */
export function subscribedTopics(metadata: Uint8Array): readonly string[] | null {
  const view = new DataView(metadata.buffer, metadata.byteOffset, metadata.byteLength);
  if (metadata.length < 6 || view.getInt16(0) < 0) return null;
  const count = view.getInt32(2);
  const topics: string[] = [];
  let at = 6;
  for (let i = 0; i < count; i++) {
    if (at + 2 > metadata.length) return null;
    const length = view.getInt16(at);
    at += 2;
    if (length < 0 || at + length > metadata.length) return null;
    topics.push(Buffer.from(metadata.buffer, metadata.byteOffset + at, length).toString());
    at += length;
  }
  return topics;
}
