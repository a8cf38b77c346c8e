const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s"{}[\]:,]+/g;

/**
 * The value of an object's member, byte for byte as written; for a duplicate name the last one, like `JSON.parse`.
 * `undefined` if there is no such member.
 *
 * @param json valid JSON
 */
export function memberOf(json: Buffer, name: string): Buffer | undefined {
  let depth = 0;
  let key: string | undefined;
  let start: number | undefined;
  let found: Buffer | undefined;
  // latin1 maps each byte to one character, so that positions match.
  for (const { 0: token, index } of json.toString('latin1').matchAll(TOKENS)) {
    const isBetween = depth === 1 && (token === ',' || token === '}');
    if (isBetween && start !== undefined && key === name) found = trimmed(json.subarray(start, index));
    if (isBetween) [key, start] = [undefined, undefined];
    if (token === '{' || token === '[') depth += 1;
    if (token === '}' || token === ']') depth -= 1;
    if (depth !== 1) continue;
    if (token === ':') start = index + 1;
    else if (start === undefined && token.startsWith('"')) key = keyOf(token);
  }
  return found;
}

function keyOf(token: string): string {
  return JSON.parse(Buffer.from(token, 'latin1').toString('utf8')) as string;
}

function trimmed(json: Buffer): Buffer {
  return Buffer.from(json.toString('latin1').trim(), 'latin1');
}

/** Parses JSON; `undefined` if invalid. */
export function readJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined; // the caller reports the error
  }
}
