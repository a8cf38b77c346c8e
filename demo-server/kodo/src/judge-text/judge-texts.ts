import type { CaseId } from '../judge/cases.js';
import type { CaseResult } from '../judge/judge-callbacks.js';
import type { JudgeProblem } from '../judge/judge-error.js';
import type { Expectation, Reason } from '../judge/verdict.js';

/** The judge's texts in one language. */
export interface JudgeTexts {
  readonly help: string;
  readonly outcomes: Readonly<Record<CaseResult['outcome'], string>>;
  readonly cases: Readonly<Record<CaseId, string>>;
  readonly expected: string;
  readonly seen: string;
  readonly expectations: Readonly<Record<Expectation, string>>;
  readonly reasons: Readonly<Record<Reason, string>>;
  readonly problems: Readonly<Record<JudgeProblem, string>>;
  /** Translated variant labels; all others are shown unchanged. */
  readonly variants: Readonly<Record<string, string>>;
  readonly notJson: string;
  readonly closed: string;
  readonly unreachable: string;
  readonly silent: (seconds: number) => string;
  readonly summary: (passed: number, warnings: number, failed: number, skipped: number) => string;
  readonly missing: (names: string) => string;
  readonly invalid: (name: string) => string;
}
