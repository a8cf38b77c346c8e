import type { Fault } from '../kodo/src/faults.js';

/** Faults that a visitor can inject to see the element recover. A fault affects the next upload of any visitor. */
export const FAULTS_FOR_SHOW = {
  none: [],
  /** Kodo cannot reach this server and returns 579, so the element calls the confirm route. */
  callback: [{ kind: ['form', 'complete'], callback: 'unreachable' }],
  /** The token expires during the upload (for multipart uploads after the first part), so the element renews it. */
  token: [
    { kind: 'form', expireToken: 'once' },
    { kind: 'part', skip: 1, expireToken: 'once' },
  ],
  /**
   * Connections drop: the element waits and resumes. Several connections drop, because a browser silently retries a
   * request if a reused connection drops.
   */
  network: [{ kind: ['form', 'part'], dropAtByte: 1, times: 4 }],
} as const satisfies Readonly<Record<string, readonly Fault[]>>;

export type FaultForShow = keyof typeof FAULTS_FOR_SHOW;
