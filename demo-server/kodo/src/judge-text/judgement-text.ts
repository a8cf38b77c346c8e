import { EN } from './texts-en.js';
import { ZH_CN } from './texts-zh-cn.js';
import type { CaseResult, Judgement } from '../judge/judge-callbacks.js';
import type { JudgeTexts } from './judge-texts.js';
import type { Seen } from '../judge/send-callback.js';
import type { Check } from '../judge/verdict.js';

export type Language = 'zh-CN' | 'en';

const TEXTS: Readonly<Record<Language, JudgeTexts>> = { 'zh-CN': ZH_CN, en: EN };

/** Maximum number of characters shown of a response body. */
const EXCERPT = 160;

export function textsIn(language: Language): JudgeTexts {
  return TEXTS[language];
}

/** The environment's language: Chinese if `LC_ALL`, `LC_MESSAGES` or `LANG` starts with `zh`, otherwise English. */
export function languageOf(env: Readonly<Record<string, string | undefined>>): Language {
  const locale = [env['LC_ALL'], env['LC_MESSAGES'], env['LANG']].find((value) => value !== undefined && value !== '');
  return /^zh/i.test(locale ?? '') ? 'zh-CN' : 'en';
}

/** Formats a complete judgement, as the command prints it. */
export function formatJudgement(judgement: Judgement, language: Language): string {
  return [
    ...judgement.results.map((result) => formatResult(result, language)),
    formatSummary(judgement, language),
  ].join('\n');
}

/** Formats a case: one line and, unless it passed, what was expected and received. */
export function formatResult({ id, outcome, checks }: CaseResult, language: Language): string {
  const texts = TEXTS[language];
  const lines = checks.flatMap((check) => formatCheck(check, texts));
  return [`${texts.outcomes[outcome]}  ${texts.cases[id]} (${id})`, ...lines].join('\n');
}

/** The summary line: the number of cases with each outcome. */
export function formatSummary({ results }: Judgement, language: Language): string {
  const count = (wanted: CaseResult['outcome']): number => results.filter(({ outcome }) => outcome === wanted).length;
  const { summary } = TEXTS[language];
  return summary(count('passed'), count('warning'), count('failed'), count('skipped'));
}

function formatCheck({ variant, expected, seen, outcome, reason }: Check, texts: JudgeTexts): string[] {
  const name = texts.variants[variant] ?? variant;
  const line = `      ${name}: ${texts.expected} ${texts.expectations[expected]}; ${texts.seen} ${formatSeen(seen, outcome !== 'passed', texts)}`;
  return reason === undefined ? [line] : [line, `        ${texts.reasons[reason]}`];
}

function formatSeen(seen: Seen, withBody: boolean, texts: JudgeTexts): string {
  switch (seen.kind) {
    case 'answered': {
      const kind = seen.json === undefined ? texts.notJson : 'JSON';
      // Control characters could alter the terminal's output.
      const text = seen.body
        .toString('utf8')
        .slice(0, EXCERPT)
        .replace(/[\p{Cc}\s]+/gu, ' ')
        .trim();
      return `${seen.status}, ${kind}${withBody && text !== '' ? `: ${text}` : ''}`;
    }
    case 'closed':
      return `${texts.closed} (${seen.reason})`;
    case 'unreachable':
      return `${texts.unreachable} (${seen.reason})`;
    case 'silent':
      return texts.silent(seen.after / 1000);
  }
}
