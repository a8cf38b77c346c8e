/** A request in the local Kodo's log. */
export interface LoggedRequest {
  readonly id: number;
  readonly at: number;
  readonly method: string;
  readonly kind: string;
  readonly reqid: string;
  readonly key?: string;
  readonly partNumber?: number;
  readonly status?: number;
  readonly endedAt?: number;
  readonly aborted: boolean;
}

/** An object stored in the local Kodo. */
export interface LoggedObject {
  readonly key: string;
  readonly hash: string;
  readonly fsize: number;
  readonly mimeType: string;
  readonly sha256: string;
}

async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(`/_kodo/${path}`, init);
  if (!response.ok) throw new Error(`Kodo's control API returned ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}

/** Returns the requests after a log entry id, without preflights and downloads. */
export async function kodoRequests(since = 0): Promise<readonly LoggedRequest[]> {
  const log = await ask<readonly LoggedRequest[]>('GET', 'requests');
  return log.filter(({ id, kind }) => id > since && kind !== 'preflight' && kind !== 'download');
}

/** Returns the id of the last log entry. */
export async function kodoLogEnd(): Promise<number> {
  const log = await ask<readonly LoggedRequest[]>('GET', 'requests');
  return log.at(-1)?.id ?? 0;
}

/** Returns the stored object with this key, including the SHA-256 of its bytes. */
export async function kodoObject(key: string | undefined): Promise<LoggedObject | undefined> {
  const objects = await ask<readonly LoggedObject[]>('GET', 'objects?bucket=demo');
  return objects.find((object) => object.key === key);
}

/** Injects faults; see `demo-server/kodo/src/faults.ts`. */
export async function orderFaults(...faults: readonly Readonly<Record<string, unknown>>[]): Promise<void> {
  await ask('POST', 'faults', faults);
}

export async function clearFaults(): Promise<void> {
  await ask('DELETE', 'faults');
}
