import type { Readable } from 'node:stream';

/** Reads a stream chunk by chunk, without a promise for chunks that are already available. */
export class ByteSource {
  readonly #stream: Readable;
  #wake: () => void = () => undefined;
  #error: Error | undefined;
  #isOver = false;

  constructor(stream: Readable) {
    this.#stream = stream;
    stream
      .on('readable', this.#onReadable)
      .on('end', this.#onEnd)
      .on('error', this.#onError)
      .on('close', this.#onClose);
    if (stream.readableEnded) this.#isOver = true;
    else if (stream.destroyed) this.#onClose();
  }

  /**
   * Returns the next bytes; `undefined` at the end.
   *
   * @throws {Error} if the stream failed
   */
  async next(): Promise<Buffer | undefined> {
    for (;;) {
      const chunk = this.#error === undefined && !this.#isOver ? (this.#stream.read() as Buffer | null) : null;
      if (chunk !== null) return chunk;
      if (this.#error !== undefined) throw this.#error;
      if (this.#isOver) return undefined;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Detaches from the stream, so that something else can read the rest. */
  release(): void {
    this.#stream
      .off('readable', this.#onReadable)
      .off('end', this.#onEnd)
      .off('error', this.#onError)
      .off('close', this.#onClose);
  }

  readonly #onReadable = (): void => this.#wake();

  readonly #onEnd = (): void => {
    this.#isOver = true;
    this.#wake();
  };

  readonly #onError = (error: Error): void => {
    this.#error ??= error;
    this.#wake();
  };

  readonly #onClose = (): void => {
    if (!this.#isOver) this.#error ??= new Error('the body broke off');
    this.#wake();
  };
}
