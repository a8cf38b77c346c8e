/** Reason why nothing could be judged. */
export type JudgeProblem =
  | 'bad-option'
  | 'unreachable'
  | 'token-route-unreachable'
  | 'token-route-refused'
  | 'no-token'
  | 'foreign-token'
  | 'bad-policy'
  | 'no-callback-url';

/** English texts; the Chinese ones are in `texts-zh-cn.ts`. */
export const PROBLEMS: Readonly<Record<JudgeProblem, string>> = {
  'bad-option': 'Wrong option',
  unreachable: 'The callback URL cannot be reached',
  'token-route-unreachable': 'The token route cannot be reached',
  'token-route-refused': 'The token route did not issue a token',
  'no-token': 'The response of the token route contains no upload token',
  'foreign-token': 'The token is not signed with these keys: use the keys of the server',
  'bad-policy': 'Kodo would reject the put policy of the token',
  'no-callback-url':
    'The put policy has no callbackUrl: request a token with a callback, or specify the URL and omit the token route',
};

/** Thrown if nothing could be judged: `problem` is the reason, `detail` the offending value or the cause. */
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
