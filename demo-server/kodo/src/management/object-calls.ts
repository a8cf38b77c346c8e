import type { Answer, Exchange } from '../exchange.js';
import { KodoError } from '../kodo-error.js';
import { readSignedBody } from './account-signature.js';
import { OPERATIONS, type OperationServices } from './object-operations.js';

/** Maximum number of operations of a batch. */
const MAX_OPERATIONS = 1000;

/** `POST /<operation>/<entry>…`, and `GET` for `stat`: one operation on an object. */
export async function callOperation(exchange: Exchange): Promise<Answer> {
  await readSignedBody(exchange);
  const { path, query, services } = exchange;
  return { status: 200, body: (await run(path, query, services)) ?? '' };
}

/**
 * `POST /batch` with a form of `op=/<operation>/…`: up to a thousand operations, each with its own result. Status 298
 * if any of them fails.
 *
 * Source: https://developer.qiniu.com/kodo/1250/batch
 */
export async function batch(exchange: Exchange): Promise<Answer> {
  const operations = new URLSearchParams(await readSignedBody(exchange)).getAll('op');
  if (operations.length === 0) throw new KodoError(400, 'invalid argument');
  if (operations.length > MAX_OPERATIONS) throw new KodoError(400, 'too many operations');
  const outcomes: { code: number; data?: object }[] = [];
  for (const operation of operations) outcomes.push(await outcomeOf(operation, exchange.services));
  return { status: outcomes.every(({ code }) => code === 200) ? 200 : 298, body: outcomes };
}

async function outcomeOf(operation: string, services: OperationServices): Promise<{ code: number; data?: object }> {
  try {
    const [path = '', search] = operation.split('?');
    const data = await run(path.startsWith('/') ? path : `/${path}`, new URLSearchParams(search), services);
    return { code: 200, ...(data === undefined ? {} : { data }) };
  } catch (error) {
    if (!(error instanceof KodoError)) throw error;
    return { code: error.status, data: { error: error.message } };
  }
}

async function run(path: string, query: URLSearchParams, services: OperationServices): Promise<object | undefined> {
  const [, name = '', ...segments] = path.split('/');
  const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
  if (operation === undefined) throw new KodoError(400, 'invalid argument');
  return operation({ segments, query }, services);
}
