/** Change capture as the rest of the platform sees it. */
export interface CapturePart {
  /** Holds the stream where it is: no transaction enters the log until `advanceTo` or `release`. */
  hold(): Promise<CaptureHold>;
  /** Resolves when the first copy is complete and the stream is followed. */
  readonly streaming: Promise<void>;
}

export interface CaptureHold {
  /** Lets in what commits before `lsn`, and resolves when that is durable in the log and the stream stands there. */
  advanceTo(lsn: string, signal: AbortSignal): Promise<void>;
  release(): void;
}
