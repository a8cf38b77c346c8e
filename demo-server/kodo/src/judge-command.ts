import { parseArgs } from 'node:util';
import { UsageError } from './usage-error.js';
import { JudgeError } from './judge/judge-error.js';
import { judgeCallbacks, type JudgeOptions } from './judge/judge-callbacks.js';
import type { JudgeTexts } from './judge-text/judge-texts.js';
import { formatResult, formatSummary, languageOf, textsIn, type Language } from './judge-text/judgement-text.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** The judge's task, as given on the command line. */
export type JudgeCommand =
  | { readonly help: true; readonly language: Language }
  | { readonly help: false; readonly language: Language; readonly options: JudgeOptions };

/** Parses the arguments after `judge`. @throws {UsageError} */
export function readJudgeCommand(args: readonly string[], env: Environment): JudgeCommand {
  const { values, positionals } = parse(args);
  const language = readLanguage(values.lang, env);
  if (values.help) return { help: true, language };
  const texts = textsIn(language);
  const [url, ...more] = positionals;
  if (more.length > 0) throw new UsageError(texts.invalid(more.join(' ')));
  const { 'token-url': tokenUrl, 'signed-url': signedUrl, 'callback-body': callbackBody } = values;
  const accessKey = values['access-key'] ?? env['QINIU_ACCESS_KEY'] ?? '';
  const secretKey = values['secret-key'] ?? env['QINIU_SECRET_KEY'] ?? '';
  const missing = [
    ...(url === undefined && tokenUrl === undefined ? ['callback-url'] : []),
    ...(accessKey === '' ? ['--access-key'] : []),
    ...(secretKey === '' ? ['--secret-key'] : []),
  ];
  if (missing.length > 0) throw new UsageError(texts.missing(missing.join(', ')));
  const options: JudgeOptions = {
    ...(url === undefined ? {} : { url }),
    ...(tokenUrl === undefined ? {} : { tokenUrl }),
    ...(signedUrl === undefined ? {} : { signedUrl }),
    ...(callbackBody === undefined ? {} : { callbackBody }),
    accessKey,
    secretKey,
    tokenMethod: oneOf(['post', 'get'], '--token-method', values['token-method'], texts),
    bodyType: oneOf(['form', 'json'], '--content-type', values['content-type'], texts),
    tokenHeaders: Object.fromEntries(values['token-header'].map((text) => readHeader(text, texts))),
    tokenBody: readTokenBody(values['token-body'], texts),
    timeout: readTime('--timeout', values.timeout, texts),
    stallLimit: readTime('--stall-limit', values['stall-limit'], texts),
  };
  return { help: false, language, options };
}

/**
 * Runs the judge and prints each case as soon as it is decided.
 *
 * @returns the exit code: 0 if nothing failed, 1 if a case failed, 2 if nothing could be judged
 */
export async function runJudge(command: JudgeCommand): Promise<0 | 1 | 2> {
  const { language } = command;
  const texts = textsIn(language);
  if (command.help) {
    console.log(texts.help);
    return 0;
  }
  try {
    const judgement = await judgeCallbacks({
      ...command.options,
      onResult: (result) => console.log(formatResult(result, language)),
    });
    console.log(`\n${formatSummary(judgement, language)}`);
    return judgement.outcome === 'failed' ? 1 : 0;
  } catch (error) {
    if (!(error instanceof JudgeError)) throw error;
    console.error([texts.problems[error.problem], error.detail].filter((text) => text !== '').join(': '));
    return 2;
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        'access-key': { type: 'string' },
        'secret-key': { type: 'string' },
        'token-url': { type: 'string' },
        'token-method': { type: 'string', default: 'post' },
        'token-header': { type: 'string', multiple: true, default: [] },
        'token-body': { type: 'string', default: '{}' },
        'signed-url': { type: 'string' },
        'callback-body': { type: 'string' },
        'content-type': { type: 'string', default: 'form' },
        timeout: { type: 'string', default: '10000' },
        'stall-limit': { type: 'string', default: '30000' },
        lang: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function readLanguage(text: string | undefined, env: Environment): Language {
  if (text === undefined) return languageOf(env);
  if (text === 'zh-CN' || text === 'en') return text;
  throw new UsageError('--lang must be zh-CN or en.');
}

function oneOf<Value extends string>(allowed: readonly Value[], name: string, text: string, texts: JudgeTexts): Value {
  const found = allowed.find((value) => value === text.toLowerCase());
  if (found === undefined) throw new UsageError(texts.invalid(name));
  return found;
}

function readHeader(text: string, texts: JudgeTexts): readonly [string, string] {
  const [, name, value] = /^([\w-]+):\s*(.*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new UsageError(texts.invalid('--token-header'));
  return [name, value];
}

function readTokenBody(text: string, texts: JudgeTexts): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // not JSON: reported as invalid below
  }
  throw new UsageError(texts.invalid('--token-body'));
}

function readTime(name: string, text: string, texts: JudgeTexts): number {
  if (!/^\d+$/.test(text) || Number(text) < 1 || Number(text) > 600_000) throw new UsageError(texts.invalid(name));
  return Number(text);
}
