import type { PartHeaders } from './form-part.js';

/** A part of a multipart body. */
export interface BodyPart {
  readonly headers: PartHeaders;
  /** The bytes. What is left unread is skipped when the next part is asked for. */
  readonly body: AsyncGenerator<Buffer, void, undefined>;
}

/** A body that is no multipart body; the message is in the words of Go's reader. */
export class MalformedParts extends Error {
  override readonly name = 'MalformedParts';
}

/** Longest line outside of a part's content, and most bytes of a part's headers. */
const MAX_HEADERS = 16 * 1024;

const [TAB, LF, CR, SPACE, DASH] = [9, 10, 13, 32, 45];

/**
 * The parts of a multipart body, one after another, by the rules of Go's `mime/multipart`, which the service is
 * written in: a preamble is skipped, and lines may all end with LF alone, if the first boundary's does.
 *
 * Source: https://pkg.go.dev/mime/multipart
 *
 * @throws {MalformedParts}
 */
export async function* readParts(
  source: AsyncIterator<Buffer>,
  boundary: string,
): AsyncGenerator<BodyPart, void, undefined> {
  const reader = new PartReader(source, boundary);
  while (await reader.nextBoundary()) {
    const part = { headers: await reader.headers(), body: reader.content() };
    yield part;
    for await (const skipped of part.body) void skipped;
  }
}

class PartReader {
  readonly #source: AsyncIterator<Buffer>;
  readonly #dashes: Buffer;
  #lineEnd: Buffer = Buffer.from('\r\n');
  #bytes: Buffer = Buffer.alloc(0);
  #isOver = false;
  #isFirst = true;

  constructor(source: AsyncIterator<Buffer>, boundary: string) {
    this.#source = source;
    this.#dashes = Buffer.from(`--${boundary}`);
  }

  /** Goes behind the next boundary; false where it is the last one. */
  async nextBoundary(): Promise<boolean> {
    if (!this.#isFirst) await this.#skipLineEnd();
    for (;;) {
      const line = await this.#line();
      if (line === undefined) throw new MalformedParts('multipart: NextPart: EOF');
      const isBoundary = line.subarray(0, this.#dashes.length).equals(this.#dashes);
      const rest = isBoundary ? trimStart(line.subarray(this.#dashes.length)) : line;
      if (isBoundary && rest[0] === DASH && rest[1] === DASH) return false;
      if (isBoundary && this.#isFirst && rest.length === 1 && rest[0] === LF) this.#lineEnd = Buffer.from('\n');
      if (isBoundary && rest.equals(this.#lineEnd)) {
        this.#isFirst = false;
        return true;
      }
      if (!this.#isFirst) throw new MalformedParts('multipart: expecting a new Part');
    }
  }

  /** The headers of a part, one character per byte. */
  async headers(): Promise<PartHeaders> {
    const headers: Record<string, string[]> = {};
    let size = 0;
    let latest: string[] = [];
    for (;;) {
      const line = await this.#line();
      if (line === undefined) throw new MalformedParts('multipart: NextPart: EOF');
      const text = line.toString('latin1').replace(/\r?\n$/, '');
      size += line.length;
      if (size > MAX_HEADERS) throw new MalformedParts('multipart: message too large');
      if (text === '') {
        if (Object.keys(headers).length === 0) throw new MalformedParts('malformed MIME header: missing headers');
        return headers;
      }
      if (/^[ \t]/.test(text) && latest.length > 0) {
        latest.push(`${latest.pop() ?? ''} ${text.trim()}`); // a folded line
        continue;
      }
      const [, name, value = ''] = /^([^:\s]+):(.*)$/s.exec(text) ?? [];
      if (name === undefined) throw new MalformedParts('malformed MIME header line');
      const key = name.toLowerCase();
      latest = Object.hasOwn(headers, key) ? (headers[key] ?? []) : [];
      latest.push(value.trim());
      headers[key] = latest;
    }
  }

  /** The content up to the next boundary, and the line end before it, which belongs to the boundary. */
  async *content(): AsyncGenerator<Buffer, void, undefined> {
    const marker = Buffer.concat([this.#lineEnd, this.#dashes]);
    let from = 0;
    if (await this.#has(this.#dashes.length)) {
      const isEmpty = this.#bytes.subarray(0, this.#dashes.length).equals(this.#dashes);
      if (isEmpty && (await this.#isBoundaryAt(this.#dashes.length))) return;
    }
    for (;;) {
      const at = this.#bytes.indexOf(marker, from);
      if (at === -1) {
        const safe = Math.max(0, this.#bytes.length - marker.length + 1);
        if (safe > 0) yield this.#take(safe);
        from = 0;
        if (!(await this.#fill())) throw new MalformedParts('multipart: NextPart: EOF');
      } else if (await this.#isBoundaryAt(at + marker.length)) {
        if (at > 0) yield this.#take(at);
        return;
      } else from = at + 1;
    }
  }

  /** Whether what stands before this position is a whole boundary: blanks, a line end or `--` follow it. */
  async #isBoundaryAt(end: number): Promise<boolean> {
    if (!(await this.#has(end + 1))) return true; // the last bytes of all
    const next = this.#bytes[end];
    if (next === SPACE || next === TAB || next === CR || next === LF) return true;
    return next === DASH && (await this.#has(end + 2)) && this.#bytes[end + 1] === DASH;
  }

  async #skipLineEnd(): Promise<void> {
    const { length } = this.#lineEnd;
    if ((await this.#has(length)) && this.#bytes.subarray(0, length).equals(this.#lineEnd)) this.#take(length);
  }

  /** A line with its end; the last one may have none. Nothing at the end of all. */
  async #line(): Promise<Buffer | undefined> {
    for (let from = 0; ; ) {
      const at = this.#bytes.indexOf(LF, from);
      if (at !== -1) return this.#take(at + 1);
      from = this.#bytes.length;
      if (from > MAX_HEADERS) throw new MalformedParts('multipart: message too large');
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
    if (this.#isOver) return false;
    const { done, value } = await this.#source.next();
    if (done === true) this.#isOver = true;
    else this.#bytes = this.#bytes.length === 0 ? value : Buffer.concat([this.#bytes, value]);
    return done !== true;
  }
}

function trimStart(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => byte !== SPACE && byte !== TAB);
  return start === -1 ? bytes.subarray(bytes.length) : bytes.subarray(start);
}
