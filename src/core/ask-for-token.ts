import { askServer } from './ask-server.js';
import { isRecord } from './put-policy.js';
import type { TokenAnswer, TokenEndpointOptions, TokenRequest } from './token-endpoint.js';
import { UploadError, type UploadErrorCode } from './upload-error.js';

/** Longest piece of a server's own words that is kept. */
const MAX_SERVER_MESSAGE = 300;

/** Asks a token route. */
export async function askForToken(
  options: TokenEndpointOptions,
  request: TokenRequest,
  signal: AbortSignal,
): Promise<TokenAnswer | string> {
  const { url, method = 'POST', headers, timeout = 30_000 } = options;
  const isGet = method === 'GET';
  const { status, body, date } = await askServer(
    isGet ? withQuery(url, request) : url,
    { name: 'token route', method, headers, timeout, json: isGet ? undefined : request },
    signal,
  );
  if (status < 200 || status > 299) throw refusal(status, body, request);
  const answer = parseTokenAnswer(body);
  const serverTime = date === null ? NaN : Date.parse(date);
  if (Number.isNaN(serverTime)) return answer;
  return { serverTime, ...(typeof answer === 'string' ? { token: answer } : answer) };
}

function withQuery(url: string, request: TokenRequest): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request)) query.set(name, String(value));
  const [address = '', fragment] = url.split('#', 2);
  const joint = address.includes('?') ? '&' : '?';
  return `${address}${joint}${query}${fragment === undefined ? '' : `#${fragment}`}`;
}

function refusal(status: number, body: string, { id }: TokenRequest): UploadError {
  const serverMessage = messageOf(body);
  const code = id !== undefined && [404, 409, 410].includes(status) ? 'upload-unknown' : refusalCode(status);
  return new UploadError(code, `The token route answered ${status}.`, {
    status,
    ...(serverMessage === undefined ? {} : { serverMessage }),
  });
}

/** What says that this file cannot be had is not asked again; what may be a passing state is. */
function refusalCode(status: number): UploadErrorCode {
  if (status === 401 || status === 403) return 'token-refused';
  if (status === 413) return 'too-large';
  if (status === 415) return 'type-forbidden';
  return status === 429 || status >= 500 ? 'token-server-error' : 'token-denied';
}

/** The words in a JSON error answer: `{message}`, `{error}` or `{error: {message}}`; nothing of an HTML page. */
function messageOf(body: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined; // not JSON: no words worth showing
  }
  if (!isRecord(value)) return undefined;
  const error = isRecord(value['error']) ? value['error']['message'] : value['error'];
  return [value['message'], error]
    .find((text): text is string => typeof text === 'string' && text !== '')
    ?.slice(0, MAX_SERVER_MESSAGE);
}

function parseTokenAnswer(body: string): TokenAnswer | string {
  const text = body.trim();
  if (/^[^\s:<>"{}]+:[^\s:<>"{}]+:[^\s:<>"{}]+$/.test(text)) return text;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'string') return value;
    if (isRecord(value)) return value as unknown as TokenAnswer; // parseGrant looks at every field
  } catch {
    // named below
  }
  const kind = text === '' ? 'nothing' : /^\s*</.test(text) ? 'HTML' : 'no JSON';
  throw new UploadError(
    kind === 'nothing' ? 'token-malformed' : 'token-unreadable',
    `The token route answered ${kind}. It must answer JSON, {"token": "…"}.`,
  );
}
