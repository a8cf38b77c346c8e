import { isDeepStrictEqual } from 'node:util';
import { readFetchedKey } from '../callback/upload-callback.js';
import type { Seen } from './send-callback.js';

/** `warning`: reasonable behavior, but worth knowing. */
export type Outcome = 'passed' | 'warning' | 'failed';

export type Expectation =
  /** 200 with JSON, in time. */
  | 'accepted'
  /** 4xx. */
  | 'refused'
  /** 200 with the same JSON as the first response. */
  | 'same-answer'
  /** 4xx or a closed connection, in time. */
  | 'limited'
  /** A closed connection or a response, in time. */
  | 'ended';

/** Reason why a check did not pass. */
export type Reason =
  | 'answer-not-json'
  | 'status-not-200'
  | 'valid-refused'
  | 'valid-redirected'
  | 'server-error'
  | 'connection-closed'
  | 'no-answer'
  | 'server-gone'
  | 'no-key-in-answer'
  | 'forgery-accepted'
  | 'refused-with-server-error'
  | 'refused-with-redirect'
  | 'different-answer'
  | 'body-not-limited'
  | 'type-not-taken'
  | 'query-not-verified'
  | 'query-not-taken'
  | 'body-not-signed'
  | 'qbox-json-refused'
  | 'still-open';

/** One callback of a case, with the expected and the actual outcome. */
export interface Check {
  /** Label of the variant, e.g. `QBox, form`. */
  readonly variant: string;
  readonly expected: Expectation;
  readonly seen: Seen;
  readonly outcome: Outcome;
  /** Absent if the check passed. */
  readonly reason?: Reason;
}

/** A valid callback: Kodo accepts 200 with JSON, and returns 579 for everything else. */
export function accepted(variant: string, seen: Seen, namesKey = false): Check {
  const check = (outcome: Outcome, reason?: Reason): Check => made(variant, 'accepted', seen, outcome, reason);
  switch (seen.kind) {
    case 'unreachable':
      return check('failed', 'server-gone');
    case 'closed':
      return check('failed', 'connection-closed');
    case 'silent':
      return check('failed', 'no-answer');
    case 'answered': {
      const { status, json } = seen;
      if (status >= 500) return check('failed', 'server-error');
      if (status >= 400) return check('failed', 'valid-refused');
      if (status >= 300) return check('failed', 'valid-redirected');
      if (json === undefined) return check('failed', 'answer-not-json');
      if (namesKey && readFetchedKey(seen.body) === undefined) return check('failed', 'no-key-in-answer');
      return status === 200 ? check('passed') : check('warning', 'status-not-200');
    }
  }
}

/** A callback that Kodo did not send in this form. */
export function refused(variant: string, seen: Seen): Check {
  const check = (outcome: Outcome, reason?: Reason): Check => made(variant, 'refused', seen, outcome, reason);
  switch (seen.kind) {
    case 'unreachable':
      return check('failed', 'server-gone');
    case 'closed':
      return check('failed', 'connection-closed');
    case 'silent':
      return check('failed', 'no-answer');
    case 'answered': {
      const { status } = seen;
      if (status >= 500) return check('warning', 'refused-with-server-error');
      if (status >= 400) return check('passed');
      return status >= 300 ? check('warning', 'refused-with-redirect') : check('failed', 'forgery-accepted');
    }
  }
}

/** A repeated callback: Kodo retries, and may relay either response, so they must be equal. */
export function sameAnswer(variant: string, first: Seen, again: Seen): Check {
  const check = { ...accepted(variant, again), expected: 'same-answer' } as const;
  if (check.outcome === 'failed' || first.kind !== 'answered' || again.kind !== 'answered') return check;
  if (isDeepStrictEqual(first.json, again.json)) return check;
  return { ...check, outcome: 'failed', reason: 'different-answer' };
}

/** An oversized body. */
export function limited(variant: string, seen: Seen): Check {
  const check = (outcome: Outcome, reason?: Reason): Check => made(variant, 'limited', seen, outcome, reason);
  switch (seen.kind) {
    case 'unreachable':
      return check('failed', 'server-gone');
    case 'closed':
      return check('passed');
    case 'silent':
      return check('failed', 'no-answer');
    case 'answered': {
      const { status } = seen;
      if (status >= 500) return check('warning', 'refused-with-server-error');
      return status >= 300 ? check('passed') : check('warning', 'body-not-limited');
    }
  }
}

/** A body that never ends. */
export function ended(variant: string, seen: Seen): Check {
  if (seen.kind === 'unreachable') return made(variant, 'ended', seen, 'failed', 'server-gone');
  return seen.kind === 'silent'
    ? made(variant, 'ended', seen, 'warning', 'still-open')
    : made(variant, 'ended', seen, 'passed');
}

/** The same check with outcome `warning` and another reason, if its reason is one of those given. */
export function unless(check: Check, reasons: readonly Reason[], reason: Reason): Check {
  return check.reason !== undefined && reasons.includes(check.reason)
    ? { ...check, outcome: 'warning', reason }
    : check;
}

export function worstOf(outcomes: readonly Outcome[]): Outcome {
  if (outcomes.includes('failed')) return 'failed';
  return outcomes.includes('warning') ? 'warning' : 'passed';
}

function made(variant: string, expected: Expectation, seen: Seen, outcome: Outcome, reason?: Reason): Check {
  return { variant, expected, seen, outcome, ...(reason === undefined ? {} : { reason }) };
}
