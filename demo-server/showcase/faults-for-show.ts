import type { Fault } from '../kodo/src/faults.js';

/** Faults that a visitor can order, to see the element heal. Each meets the next upload, whoever's it is. */
export const FAULTS_FOR_SHOW = {
  none: [],
  /** Kodo cannot reach this server: it answers 579, and the element asks this server to confirm. */
  callback: [{ kind: ['form', 'complete'], callback: 'unreachable' }],
  /** The token ends before the bytes are there, with parts in the middle of them: the element asks for another. */
  token: [
    { kind: 'form', expireToken: 'once' },
    { kind: 'part', skip: 1, expireToken: 'once' },
  ],
  /**
   * Connections break: the element waits, and goes on from what is stored. Several, because a browser sends a request
   * again by itself when a connection breaks that had served another before.
   */
  network: [{ kind: ['form', 'part'], dropAtByte: 1, times: 4 }],
} as const satisfies Readonly<Record<string, readonly Fault[]>>;

export type FaultForShow = keyof typeof FAULTS_FOR_SHOW;
