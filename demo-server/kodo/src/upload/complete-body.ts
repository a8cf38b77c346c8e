import { parseJson, readText, type Exchange } from '../exchange.js';
import { KodoError } from '../kodo-error.js';
import { HEADER_NAMES, readCustomVars, readHeaders, readMetadata } from './object-metadata.js';
import { wellFormed } from '../text/well-formed.js';

/** Maximum body size in bytes: 10,000 parts with etags. */
const MAX_BODY = 4 * 1024 * 1024;

/** A part in a complete call. */
export interface Part {
  readonly partNumber: number;
  readonly etag: string;
}

/** The parsed body of a complete call. */
export interface CompleteBody {
  readonly parts: readonly Part[];
  readonly fname: string | undefined;
  readonly clientType: string | undefined;
  readonly customVars: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Parses the body of a complete call.
 * Source: https://developer.qiniu.com/kodo/6368/complete-multipart-upload
 *
 * @throws {KodoError} 400
 */
export async function readComplete({ req, body }: Exchange): Promise<CompleteBody> {
  const fields = foldNames(fieldsOf(parseJson(await readText(body, MAX_BODY))));
  const { parts } = fields;
  if (!Array.isArray(parts) || parts.length === 0) throw new KodoError(400, "parts param can't be empty");
  return {
    parts: parts.map(readPart),
    fname: text(fields['fname']),
    clientType: text(fields['mimeType']),
    customVars: readCustomVars(Object.entries(fieldsOf(fields['customVars'] ?? {}))),
    metadata: readMetadata([...metadataHeaders(req.rawHeaders), ...Object.entries(fieldsOf(fields['metadata'] ?? {}))]),
    headers: readHeaders(Object.entries(fields)),
  };
}

/** Field names of a complete call, as documented. */
const NAMES = ['parts', 'fname', 'mimeType', 'metadata', 'customVars', ...HEADER_NAMES, 'partNumber', 'etag'];

/**
 * Maps fields to their documented names. The service is written in Go, whose JSON decoder ignores the case of names
 * but prefers an exact match; the official Java SDK sends `metaData`.
 */
function foldNames(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = NAMES.flatMap((name) => {
    const sent = Object.hasOwn(fields, name) ? name : Object.keys(fields).find((key) => isFolded(key, name));
    return sent === undefined ? [] : [[name, fields[sent]] as const];
  });
  return Object.fromEntries(entries);
}

function isFolded(key: string, name: string): boolean {
  return key.toLowerCase() === name.toLowerCase();
}

/** The `X-Qn-Meta-…` headers of the request. */
function metadataHeaders(rawHeaders: readonly string[]): [string, string][] {
  return rawHeaders.flatMap((name, index): [string, string][] =>
    index % 2 === 0 && /^x-qn-meta-/i.test(name) ? [[name, rawHeaders[index + 1] ?? '']] : [],
  );
}

function readPart(value: unknown): Part {
  const { partNumber, etag } = foldNames(fieldsOf(value));
  if (typeof partNumber !== 'number' || typeof etag !== 'string') throw new KodoError(400, 'invalid argument');
  return { partNumber, etag };
}

function text(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new KodoError(400, 'invalid argument');
  return wellFormed(value);
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw new KodoError(400, 'invalid argument');
  return value as Readonly<Record<string, unknown>>;
}
