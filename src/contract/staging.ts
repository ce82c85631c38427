/**
 * Files beside a job's checkpoints, of one sink: staged output that is larger than memory should hold. A file
 * that is sealed for an epoch is durable with the checkpoint of that epoch, and stays until a later one is
 * committed. A file that no stored checkpoint knows of is lost with the attempt that wrote it.
 */
export interface StagingFiles {
  /** A file to write; those of an epoch are numbered from 0. */
  create(number: number): Promise<StagingFile>;
  /** A sealed file. It rejects where there is none. */
  open(name: string): Promise<SealedFile>;
}

export interface StagingFile {
  /** The pieces lie behind what is there when it resolves. */
  append(pieces: readonly Uint8Array[]): Promise<void>;
  /** Nothing more comes: the file belongs to the epoch, by the name that is returned. */
  seal(epoch: number): Promise<string>;
  /** Lets go of a file that is not sealed. */
  close(): Promise<void>;
}

export interface SealedFile {
  readonly sizeBytes: number;
  /** Where it lies; who gives it another name there must not have it shortened or written over. */
  readonly path: string;
  /** Fills `target` from `position` on; how many bytes there were. */
  read(position: number, target: Uint8Array): Promise<number>;
  close(): Promise<void>;
}
