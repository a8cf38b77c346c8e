import { PROBLEMS } from '../judge/judge-error.js';
import type { JudgeTexts } from './judge-texts.js';

export const EN: JudgeTexts = {
  help: `Usage: kodo-local judge [callback-url] --access-key K --secret-key K [options]

Sends callbacks to a callback route as Kodo would, and reports expected and actual responses.

  --access-key K        the keys that the server verifies with; default: QINIU_ACCESS_KEY and
  --secret-key K        QINIU_SECRET_KEY, which keep them out of the process list
  --token-url URL       token route: each case reports an upload with an issued token.
                        Without a callback URL, the put policy's callbackUrl is called
  --token-method M      post (default) or get
  --token-header H      a header for the token route, e.g. "Cookie: session=…"; can be repeated
  --token-body JSON     fields for the token route that add to or replace name, size and type
  --signed-url URL      the URL known to Kodo, if the server is behind a proxy
  --callback-body T     body template, with magic variables
  --content-type T      form (default) or json: format of that template
  --timeout MS          response timeout (default 10000)
  --stall-limit MS      time for the server to close an incomplete request (default 30000)
  --lang L              zh-CN or en (default: from LC_ALL, LANG)

Exit code: 0 no failures, 1 failures, 2 invalid usage or unreachable.`,
  outcomes: { passed: 'pass', warning: 'warn', failed: 'FAIL', skipped: 'skip' },
  cases: {
    'valid-qbox-form': 'valid, QBox signature, form body',
    'valid-qiniu-form': 'valid, Qiniu signature, form body',
    'valid-qiniu-json': 'valid, Qiniu signature, JSON body',
    'no-signature': 'no signature',
    'forged-signature': 'forged signature',
    'wrong-access-key': 'unknown access key',
    'body-changed': 'body changed after signing',
    'path-changed': 'signature for another path',
    'host-changed': 'signature for another host',
    'body-not-covered': 'content type whose body is not signed',
    'query-string': 'query string, signed or added after signing',
    're-encoded-body': 'same fields, different bytes: 1 original signature, 2 new signature',
    replayed: 'repeated callback (Kodo retries)',
    'doubled-at-once': 'two identical concurrent callbacks',
    'slow-reader': 'response read slowly',
    'slow-sender': 'body sent slowly',
    'oversized-body': 'oversized body',
    'endless-body': 'body that never ends',
  },
  expected: 'expected',
  seen: 'received',
  expectations: {
    accepted: '200 and JSON',
    refused: '4xx',
    'same-answer': '200 and the same JSON',
    limited: '4xx or a closed connection',
    ended: 'a closed connection',
  },
  reasons: {
    'answer-not-json': 'Kodo returns 579 to the browser: the response body must be JSON, whatever its content type.',
    'status-not-200': 'Kodo documents 200 only; it is unknown whether other 2xx statuses are accepted.',
    'valid-refused':
      'Check the keys, that the raw body is verified, and the URL and host used for verification (--signed-url). If the server accepts only uploads it issued tokens for, use --token-url or --callback-body.',
    'valid-redirected':
      'Kodo does not follow redirects: the route must not require a login or redirect to another protocol.',
    'server-error': 'Server error. Kodo returns 579 to the browser.',
    'connection-closed': 'The server closed the connection without a response. Check its log for a crash.',
    'no-answer': 'The server did not respond in time.',
    'server-gone': 'Connections now fail: the server has crashed.',
    'no-key-in-answer': 'With callbackFetchKey, the response must be {"key": "…", "payload": …}.',
    'forgery-accepted':
      'Anyone could report fake uploads like this. Reject it with 401; 2xx means that it was accepted.',
    'refused-with-server-error': 'Not accepted, but 5xx means that the server failed. Return 4xx.',
    'refused-with-redirect': 'Not accepted, but a callback is not a page navigation. Return 401.',
    'different-answer':
      'Record each upload once, by its key or your own id, and return the same response to every callback for it.',
    'body-not-limited': 'Limit the body size, e.g. to 64 KiB: anyone can send this before the signature is verified.',
    'type-not-taken': 'The put policy specifies the other content type, so Kodo will not send this one.',
    'query-not-verified': 'The server verifies against a fixed URL: do not rely on query parameters.',
    'query-not-taken':
      'The server verifies against a fixed URL or rejects unknown parameters: do not add any to callbackUrl.',
    'body-not-signed':
      'QBox does not sign a JSON body, so anyone who has seen one callback can forge it. Use a form as callbackBodyType.',
    'qbox-json-refused':
      'This is safe, but Kodo signs with QBox, so its JSON callbacks may fail. Use a form as callbackBodyType.',
    'still-open': 'Configure the server, or a proxy in front of it, to close connections with incomplete requests.',
  },
  problems: PROBLEMS,
  variants: { meanwhile: 'another callback in the meantime', afterwards: 'another callback afterwards' },
  notJson: 'not JSON',
  closed: 'connection closed',
  unreachable: 'connection failed',
  silent: (seconds) => `no response within ${seconds} s`,
  summary: (passed, warnings, failed, skipped) =>
    `${passed} passed, ${warnings} with warnings, ${failed} failed, ${skipped} skipped`,
  missing: (names) => `Missing: ${names}. See --help.`,
  invalid: (name) => `${name} is not valid. See --help.`,
};
