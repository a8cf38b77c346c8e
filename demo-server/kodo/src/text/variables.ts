import { wellFormed } from './well-formed.js';

/** The value of a template variable; each context represents absent values in its own way. */
export type Variable = string | number | Readonly<Record<string, unknown>> | undefined;

/** Returns a variable by name, e.g. `fsize`, `imageInfo.width` or `x:note`. */
export type Lookup = (name: string) => Variable;

/** The target format of a template: JSON, a form-encoded body, or plain text (a key). */
export type TemplateContext = 'json' | 'form' | 'text';

const VARIABLE = /\$\(([^)]+)\)|\$\{([^}]+)\}/y;

/** The variables that a template uses, e.g. `imageInfo.width`. */
export function namesIn(template: string): string[] {
  return [...template.matchAll(new RegExp(VARIABLE, 'g'))].map(([, round, curly]) => round ?? curly ?? '');
}

/**
 * Substitutes magic and custom variables. Values are not expanded again.
 *
 * In JSON, a bare variable becomes a JSON value (`null` if absent), one inside a string literal the escaped text.
 * Strings are found by scanning for quotes, not by parsing, so that invalid JSON templates work too.
 *
 * Sources: https://developer.qiniu.com/kodo/1235/vars, https://developer.qiniu.com/kodo/1654/response-body
 */
export function substitute(template: string, context: TemplateContext, lookup: Lookup): string {
  let output = '';
  let inString = false;
  let backslashes = 0;
  for (let index = 0; index < template.length;) {
    VARIABLE.lastIndex = index;
    const match = VARIABLE.exec(template);
    const name = match?.[1] ?? match?.[2];
    if (match !== null && name !== undefined) {
      output += render(lookup(name), context, inString);
      index += match[0].length;
      backslashes = 0;
      continue;
    }
    const char = template.charAt(index);
    if (char === '"' && backslashes % 2 === 0) inString = !inString;
    backslashes = char === '\\' ? backslashes + 1 : 0;
    output += char;
    index += 1;
  }
  return output;
}

function render(value: Variable, context: TemplateContext, inString: boolean): string {
  switch (context) {
    case 'json':
      if (inString) return value === undefined ? '' : goJson(asText(value)).slice(1, -1);
      return value === undefined ? 'null' : goJson(value);
    case 'form':
      return value === undefined ? '' : queryEscape(asFormText(value));
    case 'text':
      return value === undefined ? '' : asText(value);
  }
}

function asText(value: NonNullable<Variable>): string {
  return typeof value === 'object' ? goJson(value) : String(value);
}

/** In a form, an object's numbers are Go's floats: with an exponent from a million on, as in `6.581432e+06`. */
function asFormText(value: NonNullable<Variable>): string {
  if (typeof value !== 'object') return asText(value);
  return goJson(value).replace(/"(?:[^"\\]|\\.)*"|\d+/g, (token) => {
    if (token.startsWith('"') || Number(token) < 1e6) return token;
    return Number(token)
      .toExponential()
      .replace(/\+(?=\d$)/, '+0');
  });
}

/** JSON in Go's format: compact, with `<`, `>` and `&` escaped. */
export function goJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Go's `url.QueryEscape`: escapes everything except letters, digits and `-_.~`; a space becomes `+`. */
export function queryEscape(text: string): string {
  return encodeURIComponent(wellFormed(text))
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}
