import type { ByteSource } from './byte-source.js';
import type { PartHeaders } from './form-part.js';

/** A part of a multipart body. */
export interface BodyPart {
  readonly headers: PartHeaders;
  /** The content. Unread data is skipped when the next part is requested. */
  readonly body: AsyncGenerator<Buffer, void, undefined>;
}

/** An invalid multipart body; the message uses the wording of Go's reader. */
export class MalformedParts extends Error {
  override readonly name = 'MalformedParts';
}

/** Maximum length of a line outside of a part's content, and maximum size of a part's headers. */
const MAX_HEADERS = 16 * 1024;

/** Minimum size of a yielded chunk, so that a body in tiny chunks does not cause as many writes. */
const LEAST_PIECE = 16 * 1024;

const [TAB, LF, CR, SPACE, DASH] = [9, 10, 13, 32, 45];

/**
 * The parts of a multipart body, in order, by the rules of Go's `mime/multipart`, in which the service is written: a
 * preamble is skipped, and all lines may end with LF alone, if the first boundary's line does.
 *
 * Source: https://pkg.go.dev/mime/multipart
 *
 * @throws {MalformedParts}
 */
export async function* readParts(source: ByteSource, boundary: string): AsyncGenerator<BodyPart, void, undefined> {
  const reader = new PartReader(source, boundary);
  while (await reader.nextBoundary()) {
    const part = { headers: await reader.headers(), body: reader.content() };
    yield part;
    for await (const skipped of part.body) void skipped;
  }
}

class PartReader {
  readonly #source: ByteSource;
  readonly #dashes: Buffer;
  #lineEnd: Buffer = Buffer.from('\r\n');
  #bytes: Buffer = Buffer.alloc(0);
  #isFirst = true;

  constructor(source: ByteSource, boundary: string) {
    this.#source = source;
    this.#dashes = Buffer.from(`--${boundary}`);
  }

  /** Advances past the next boundary; returns false if it is the last one. */
  async nextBoundary(): Promise<boolean> {
    if (!this.#isFirst) await this.#skipLineEnd();
    for (;;) {
      const line = await this.#line();
      if (line === undefined) throw endOfParts();
      const isBoundary = line.subarray(0, this.#dashes.length).equals(this.#dashes);
      const rest = isBoundary ? trimStart(line.subarray(this.#dashes.length)) : line;
      if (isBoundary && rest[0] === DASH && rest[1] === DASH) return false;
      if (isBoundary && this.#isFirst && rest.length === 1 && rest[0] === LF) this.#lineEnd = Buffer.from('\n');
      if (isBoundary && rest.equals(this.#lineEnd)) {
        this.#isFirst = false;
        return true;
      }
      if (!this.#isFirst) throw endOfParts();
    }
  }

  /** Reads a part's headers, one character per byte. */
  async headers(): Promise<PartHeaders> {
    const headers: Record<string, string[]> = {};
    let size = 0;
    let latest: string[] = [];
    for (;;) {
      const line = await this.#line();
      size += line?.length ?? 0;
      if (line?.at(-1) !== LF || size > MAX_HEADERS) throw endOfParts();
      const text = line.toString('latin1').replace(/\r?\n$/, '');
      if (text === '' && Object.keys(headers).length > 0) return headers;
      if (/^[ \t]/.test(text) && latest.length > 0) {
        latest.push(`${latest.pop() ?? ''} ${text.trim()}`); // a folded line
        continue;
      }
      const [, name, value = ''] = /^([^:\s]+):(.*)$/s.exec(text) ?? [];
      if (name === undefined) throw endOfParts(); // not a header, or no line at all
      const key = name.toLowerCase();
      latest = Object.hasOwn(headers, key) ? (headers[key] ?? []) : [];
      latest.push(value.trim());
      headers[key] = latest;
    }
  }

  /** Yields the content up to the next boundary; the line break before the boundary belongs to the boundary. */
  async *content(): AsyncGenerator<Buffer, void, undefined> {
    const marker = Buffer.concat([this.#lineEnd, this.#dashes]);
    let from = 0;
    if (await this.#has(this.#dashes.length)) {
      const isEmpty = this.#bytes.subarray(0, this.#dashes.length).equals(this.#dashes);
      if (isEmpty && (await this.#isBoundaryAt(this.#dashes.length))) return;
    }
    let held: Buffer[] = [];
    let size = 0;
    const hold = (length: number): void => {
      if (length > 0) held.push(this.#take(length));
      size += length;
    };
    for (;;) {
      const at = this.#bytes.indexOf(marker, from);
      if (at !== -1 && (await this.#isBoundaryAt(at + marker.length))) {
        hold(at);
        if (size > 0) yield Buffer.concat(held);
        return;
      }
      if (at !== -1) {
        from = at + 1;
        continue;
      }
      hold(Math.max(0, this.#bytes.length - marker.length + 1));
      from = 0;
      if (size >= LEAST_PIECE) {
        yield held.length === 1 && held[0] !== undefined ? held[0] : Buffer.concat(held);
        [held, size] = [[], 0];
      }
      if (!(await this.#fill())) throw endOfParts();
    }
  }

  /** Whether the text before this position is a complete boundary: followed by blanks, a line break or `--`. */
  async #isBoundaryAt(end: number): Promise<boolean> {
    if (!(await this.#has(end + 1))) return true; // the end of the body
    const next = this.#bytes[end];
    if (next === SPACE || next === TAB || next === CR || next === LF) return true;
    return next === DASH && (await this.#has(end + 2)) && this.#bytes[end + 1] === DASH;
  }

  async #skipLineEnd(): Promise<void> {
    const { length } = this.#lineEnd;
    if ((await this.#has(length)) && this.#bytes.subarray(0, length).equals(this.#lineEnd)) this.#take(length);
  }

  /** Reads a line with its line break; the last one may have none. `undefined` at the end of the body. */
  async #line(): Promise<Buffer | undefined> {
    for (let from = 0; ;) {
      const at = this.#bytes.indexOf(LF, from);
      if (at !== -1) return this.#take(at + 1);
      from = this.#bytes.length;
      if (from > MAX_HEADERS) throw endOfParts();
      if (!(await this.#fill())) return from === 0 ? undefined : this.#take(from);
    }
  }

  async #has(length: number): Promise<boolean> {
    while (this.#bytes.length < length) if (!(await this.#fill())) return false;
    return true;
  }

  #take(length: number): Buffer {
    const taken = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return taken;
  }

  async #fill(): Promise<boolean> {
    const chunk = await this.#source.next();
    if (chunk === undefined) return false;
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    return true;
  }
}

/** The error recorded for broken bodies. */
function endOfParts(): MalformedParts {
  return new MalformedParts('multipart: NextPart: EOF');
}

function trimStart(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => byte !== SPACE && byte !== TAB);
  return start === -1 ? bytes.subarray(bytes.length) : bytes.subarray(start);
}
