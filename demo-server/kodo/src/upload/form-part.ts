import { parse } from 'content-disposition';

/** A part's headers as the parser hands them out: by names in lower case, one character a byte. */
export type PartHeaders = Readonly<Record<string, readonly string[]>>;

/** What the headers of a form's part say. */
export interface PartFacts {
  readonly name: string;
  /** Absent for a text field. */
  readonly filename: string | undefined;
  /** As it was written, parameters and all; absent where there is none. */
  readonly contentType: string | undefined;
}

/** Reads a part's headers; nothing for a part that no form has. */
export function readPart(headers: PartHeaders): PartFacts | undefined {
  const [disposition = '', contentType] = ['content-disposition', 'content-type'].map((name) =>
    utf8(headers[name]?.[0]),
  );
  // A backslash escapes quotes and itself alone: a browser leaves the one in a file's name as it is.
  const { type, parameters } = parse(disposition.replace(/\\["\\]?/g, (pair) => (pair === '\\' ? '\\\\' : pair)));
  const { name, filename } = parameters;
  if (type !== 'form-data' || name === undefined) return undefined;
  const isFile = /^application\/octet-stream\s*(;|$)/i.test(contentType ?? '');
  return { name, filename: filename ?? (isFile ? '' : undefined), contentType: contentType?.trim() };
}

function utf8(bytes: string | undefined): string | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes, 'latin1').toString('utf8');
}
