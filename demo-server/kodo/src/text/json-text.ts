const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s"{}[\]:,]+/g;

/**
 * The value of an object's member as it was written, number for number and space for space; the last one of a name,
 * as `JSON.parse` has it. Nothing where there is none.
 *
 * @param json valid JSON
 */
export function memberOf(json: Buffer, name: string): Buffer | undefined {
  let depth = 0;
  let key: string | undefined;
  let start: number | undefined;
  let found: Buffer | undefined;
  // One character a byte: a position in the text is one in the bytes.
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

/** What a text says in JSON; nothing where it is none. */
export function readJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined; // the caller says what was expected
  }
}
