import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';
import { TLSSocket } from 'node:tls';

/** Who takes what a socket reads. */
export interface SocketReader {
  /** Where the next bytes are to be read to. */
  room(): Uint8Array;
  /** Bytes have come, into `room` or elsewhere; they may be overwritten when this returns. */
  received(bytes: Uint8Array): void;
}

/** What `Socket` takes beside its documented options, as Node's own `cluster` gives it. */
interface HandleOptions extends SocketConstructorOpts {
  readonly handle: object;
  readonly onread: OnReadOpts;
}

/**
 * Has a socket that a server accepted, with `pauseOnConnect`, read into memory of ours; to be used in its
 * stead. Node itself takes new memory for each read, which for a busy producer costs more than the read.
 * Where that can't be had (TLS, no handle) it reads as Node does.
 */
export function readInto(accepted: Socket, reader: SocketReader): Socket {
  const owner = accepted as unknown as { _handle: object | null };
  const handle = accepted instanceof TLSSocket ? null : owner._handle;
  if (!handle) {
    accepted.on('data', chunk =>
      reader.received(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length)),
    );
    accepted.resume();
    return accepted;
  }
  // What accepted it gives up the handle, and counts as closed.
  owner._handle = null;
  accepted.destroy();
  const options: HandleOptions = {
    handle,
    onread: {
      buffer: () => reader.room(),
      callback: (length, bytes) => {
        // A plain view: what decodes the bytes then meets one hidden class only.
        reader.received(new Uint8Array(bytes.buffer, bytes.byteOffset, length));
        return true;
      },
    },
  };
  const socket = new Socket(options);
  // So that the end of the stream is seen.
  socket.resume();
  return socket;
}
