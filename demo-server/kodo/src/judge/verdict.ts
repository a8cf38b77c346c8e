import { isDeepStrictEqual } from 'node:util';
import { readFetchedKey } from '../callback/upload-callback.js';
import type { Seen } from './send-callback.js';

/** `warning`: a sensible server may answer so, but it should be known. */
export type Outcome = 'passed' | 'warning' | 'failed';

export type Expectation =
  /** 200 with JSON, in time. */
  | 'accepted'
  /** 4xx. */
  | 'refused'
  /** 200 with the JSON that the first one got. */
  | 'same-answer'
  /** 4xx or the end of the connection, in time. */
  | 'limited'
  /** The end of the connection, or an answer, in time. */
  | 'ended';

/** Why a check has not passed. */
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

/** One callback of a case: what was expected and what was seen. */
export interface Check {
  /** Which one it was, e.g. `QBox, form`. */
  readonly variant: string;
  readonly expected: Expectation;
  readonly seen: Seen;
  readonly outcome: Outcome;
  /** Absent where it passed. */
  readonly reason?: Reason;
}

/** A valid callback: Kodo takes 200 with JSON, and answers 579 to all else. */
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

/** A callback that Kodo did not make as it stands. */
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

/** A callback that comes again: Kodo retries, and whichever answer it relays must be the same. */
export function sameAnswer(variant: string, first: Seen, again: Seen): Check {
  const check = { ...accepted(variant, again), expected: 'same-answer' } as const;
  if (check.outcome === 'failed' || first.kind !== 'answered' || again.kind !== 'answered') return check;
  if (isDeepStrictEqual(first.json, again.json)) return check;
  return { ...check, outcome: 'failed', reason: 'different-answer' };
}

/** A body that is far too long. */
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

/** The same check with another outcome where it came out for one of these reasons. */
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
