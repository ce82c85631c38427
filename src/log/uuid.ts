import { randomBytes } from 'node:crypto';

/** A fresh UUID in Kafka's base64 form; as there, none begins with a dash, which tools take for an option. */
export function freshUuid(): string {
  for (;;) {
    const bytes = randomBytes(16);
    bytes[6] = (bytes[6]! & 0x0f) | 0x40;
    bytes[8] = (bytes[8]! & 0x3f) | 0x80;
    const text = bytes.toString('base64url');
    if (!text.startsWith('-')) return text;
  }
}
