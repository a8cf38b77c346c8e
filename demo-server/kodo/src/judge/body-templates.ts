import { readJson } from '../text/json-text.js';
import { goJson, queryEscape } from '../text/variables.js';

const WHOLE_VARIABLE = /^\$(\([^)]+\)|\{[^}]+\})$/;
const VARIABLE = /(\$\([^)]+\)|\$\{[^}]+\})/;

/** Converts a form template to JSON, with numbers as numbers; `undefined` if it is not a form. */
export function asJsonTemplate(template: string): string | undefined {
  const fields = formFields(template);
  if (fields === undefined) return undefined;
  const members = fields.map(([name, value]) => {
    if (WHOLE_VARIABLE.test(value)) return `${goJson(name)}:${value}`;
    const text = value
      .split(VARIABLE)
      .map((part) => (VARIABLE.test(part) ? part : goJson(decode(part) ?? part).slice(1, -1)));
    return `${goJson(name)}:"${text.join('')}"`;
  });
  return `{${members.join(',')}}`;
}

/** Converts a JSON template to a form; `undefined` if it is not a JSON object. */
export function asFormTemplate(template: string): string | undefined {
  // A bare variable is not valid JSON: wrap it in a string first.
  const quoted = template.replace(/"(?:[^"\\]|\\.)*"|(\$\([^)]+\)|\$\{[^}]+\})/g, (text, variable?: string) =>
    variable === undefined ? text : `"${variable}"`,
  );
  const value = readJson(quoted)?.value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.entries(value)
    .map(([name, member]: [string, unknown]) => {
      const text = typeof member === 'string' ? member : goJson(member);
      const parts = text.split(VARIABLE).map((part) => (VARIABLE.test(part) ? part : queryEscape(part)));
      return `${queryEscape(name)}=${parts.join('')}`;
    })
    .join('&');
}

/** Encodes the same body in different bytes: percent-encoded values, or JSON with spaces; `undefined` if impossible. */
export function reEncoded(body: string, type: 'form' | 'json'): string | undefined {
  if (type === 'json') {
    const json = readJson(body);
    const other = json === undefined ? body : JSON.stringify(json.value, undefined, 1);
    return other === body ? undefined : other;
  }
  const fields = formFields(body)?.map(([name, value]) => {
    const text = decode(value);
    return `${queryEscape(name)}=${text === undefined ? value : percentEncoded(text)}`;
  });
  const other = fields?.join('&');
  return other === body ? undefined : other;
}

/** Adds a field to a body. */
export function withField(body: string, type: 'form' | 'json', name: string, value: string): string {
  if (type === 'form') return `${body}&${queryEscape(name)}=${queryEscape(value)}`;
  const object = readJson(body)?.value;
  const isObject = typeof object === 'object' && object !== null && !Array.isArray(object);
  return goJson(isObject ? { ...object, [name]: value } : { [name]: value });
}

/** Names (decoded) and values (undecoded) of a form. */
function formFields(body: string): (readonly [string, string])[] | undefined {
  if (body === '' || /[{}"]/.test(body.replace(new RegExp(VARIABLE, 'g'), ''))) return undefined;
  return body.split('&').map((field) => {
    const equals = field.indexOf('=');
    const name = equals === -1 ? field : field.slice(0, equals);
    return [decode(name) ?? name, equals === -1 ? '' : field.slice(equals + 1)];
  });
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined; // not valid percent-encoding: kept as is
  }
}

function percentEncoded(text: string): string {
  return [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}
