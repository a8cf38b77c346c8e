/** Public exports of the package. */
export { startKodo, type Kodo, type KodoOptions } from './start-kodo.js';
export { judgeCallbacks, type CaseResult, type JudgeOptions, type Judgement } from './judge/judge-callbacks.js';
export { JudgeError, type JudgeProblem } from './judge/judge-error.js';
export { formatJudgement, type Language } from './judge-text/judgement-text.js';
export type { Check, Expectation, Outcome, Reason } from './judge/verdict.js';
export type { CaseId } from './judge/cases.js';
export type { Seen } from './judge/send-callback.js';
