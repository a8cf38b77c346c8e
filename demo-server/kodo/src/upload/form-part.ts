import { parse } from 'content-disposition';

/** Part headers from the parser: lower-case names, one character per byte. */
export type PartHeaders = Readonly<Record<string, readonly string[]>>;

/** Parsed headers of a form part. */
export interface PartFacts {
  readonly name: string;
  /** Absent for a text field. */
  readonly filename: string | undefined;
  /** As sent, including parameters; absent if there is none. */
  readonly contentType: string | undefined;
}

/** Parses a part's headers; `undefined` if it is not a form part. */
export function readPart(headers: PartHeaders): PartFacts | undefined {
  const [disposition = '', contentType] = ['content-disposition', 'content-type'].map((name) =>
    utf8(headers[name]?.[0]),
  );
  // A backslash escapes only quotes and itself: browsers leave a backslash in a file name unescaped.
  const { type, parameters } = parse(disposition.replace(/\\["\\]?/g, (pair) => (pair === '\\' ? '\\\\' : pair)));
  const { name, filename } = parameters;
  if (type !== 'form-data' || name === undefined) return undefined;
  const isFile = /^application\/octet-stream\s*(;|$)/i.test(contentType ?? '');
  return { name, filename: filename ?? (isFile ? '' : undefined), contentType: contentType?.trim() };
}

function utf8(bytes: string | undefined): string | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes, 'latin1').toString('utf8');
}
