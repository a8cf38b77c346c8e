import { extname } from 'node:path';
import { extension } from 'mime-types';
import type { Lookup, Variable } from '../text/variables.js';

/** Facts about an upload from which templates are filled in. */
export interface UploadFacts {
  readonly bucket: string;
  readonly hash: string;
  /** Size in bytes. */
  readonly fsize: number;
  readonly mimeType: string;
  readonly fname: string | undefined;
  readonly endUser: string | undefined;
  /** `x:…` names and values. */
  readonly customVars: Readonly<Record<string, string>>;
  /** `imageInfo`, `exif`, `imageAve` and `avinfo`: only those that a template uses. */
  readonly content: Readonly<Record<string, Variable>>;
  readonly persistentId: string | undefined;
  readonly uuid: string;
  /** Time in milliseconds since 1970. */
  readonly now: number;
}

/**
 * The variables of a `saveKey`: the time of the upload, and the facts that do not depend on the key.
 * Source, also for the others: https://developer.qiniu.com/kodo/1235/vars
 */
export function namingVariables(facts: UploadFacts): Lookup {
  // Kodo's dates are in China time, which has no daylight saving.
  const date = new Date(facts.now + 8 * 3_600_000).toISOString();
  return lookupIn(facts, {
    year: date.slice(0, 4),
    mon: date.slice(5, 7),
    day: date.slice(8, 10),
    hour: date.slice(11, 13),
    min: date.slice(14, 16),
    sec: date.slice(17, 19),
  });
}

/**
 * The variables of `returnBody`, `callbackBody`, `callbackUrl` and `persistentOps`.
 *
 * @param further variables specific to one context, such as the key
 */
export function variablesOf(facts: UploadFacts, further: Readonly<Record<string, Variable>> = {}): Lookup {
  return lookupIn(facts, { persistentId: facts.persistentId, uuid: facts.uuid, ...facts.content, ...further });
}

/** The variables common to all templates, and those of one context. */
function lookupIn(facts: UploadFacts, further: Readonly<Record<string, Variable>>): Lookup {
  const { fname, hash, mimeType } = facts;
  const ext = fname === undefined ? undefined : extname(fname) || extensionOf(mimeType);
  const values: Readonly<Record<string, Variable>> = {
    bucket: facts.bucket,
    etag: hash,
    hash,
    fname,
    fprefix: fname?.slice(0, fname.length - extname(fname).length),
    ext,
    suffix: ext?.slice(1),
    fsize: facts.fsize,
    mimeType,
    endUser: facts.endUser,
    ...further,
  };
  return (name) => {
    if (name.startsWith('x:')) return Object.hasOwn(facts.customVars, name) ? facts.customVars[name] : undefined;
    return walk(values, name.split('.')) as Variable;
  };
}

/** Follows a path such as `imageInfo`, `width`; `undefined` if a step does not exist. */
function walk(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((current, field) => {
    const isThere = typeof current === 'object' && current !== null && Object.hasOwn(current, field);
    return isThere ? (current as Readonly<Record<string, unknown>>)[field] : undefined;
  }, value);
}

/** A type's file extension with its dot; empty for unknown content. */
function extensionOf(mimeType: string): string {
  const ext = mimeType === 'application/octet-stream' ? false : extension(mimeType);
  return ext === false ? '' : `.${ext}`;
}
