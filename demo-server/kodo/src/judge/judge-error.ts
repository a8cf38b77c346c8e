/** Why a callback could not be judged at all. */
export type JudgeProblem =
  | 'bad-option'
  | 'unreachable'
  | 'token-route-unreachable'
  | 'token-route-refused'
  | 'no-token'
  | 'foreign-token'
  | 'bad-policy'
  | 'no-callback-url';

/** In English; `texts-zh-cn.ts` has them in Chinese. */
export const PROBLEMS: Readonly<Record<JudgeProblem, string>> = {
  'bad-option': 'Wrong option',
  unreachable: 'The callback URL cannot be reached',
  'token-route-unreachable': 'The token route cannot be reached',
  'token-route-refused': 'The token route did not issue a token',
  'no-token': 'The answer of the token route has no upload token',
  'foreign-token': 'The token is not signed with these keys: give the keys that the server uses',
  'bad-policy': 'Kodo would refuse the put policy of the token',
  'no-callback-url':
    'The put policy has no callbackUrl: ask for a token with a callback, or give the URL and no token route',
};

/** Thrown where nothing could be judged: `problem` says why, `detail` names the value or the cause. */
export class JudgeError extends Error {
  override readonly name = 'JudgeError';
  readonly problem: JudgeProblem;
  readonly detail: string;

  constructor(problem: JudgeProblem, detail = '', options?: ErrorOptions) {
    super(detail === '' ? `${PROBLEMS[problem]}.` : `${PROBLEMS[problem]}: ${detail}`, options);
    this.problem = problem;
    this.detail = detail;
  }
}
