import { PROBLEMS } from '../judge/judge-error.js';
import type { JudgeTexts } from './judge-texts.js';

export const EN: JudgeTexts = {
  help: `Usage: kodo-local judge [callback-url] --access-key K --secret-key K [options]

Plays Kodo to a callback route and says what was expected and what was seen.

  --access-key K        the keys the server verifies with; default QINIU_ACCESS_KEY and
  --secret-key K        QINIU_SECRET_KEY, which do not show in the list of processes
  --token-url URL       token route: each case reports an upload for which a token was issued.
                        Without a callback URL the put policy's callbackUrl is called
  --token-method M      post (default) or get
  --token-header H      a header for the token route, "Cookie: session=…"; may be repeated
  --token-body JSON     what the token route is sent besides, or instead of, name, size and type
  --signed-url URL      the address Kodo is given, where a proxy stands in front of the server
  --callback-body T     template of the body, with magic variables
  --content-type T      form (default) or json: how that template is written
  --timeout MS          time for each answer (default 10000)
  --stall-limit MS      time for giving up a body that never ends (default 30000)
  --lang L              zh-CN or en (default: by LC_ALL, LANG)

Exit code: 0 nothing failed, 1 something failed, 2 wrong usage or unreachable.`,
  outcomes: { passed: 'pass', warning: 'warn', failed: 'FAIL', skipped: 'skip' },
  cases: {
    'valid-qbox-form': 'valid, signed by QBox, form body',
    'valid-qiniu-form': 'valid, signed by Qiniu, form body',
    'valid-qiniu-json': 'valid, signed by Qiniu, JSON body',
    'no-signature': 'no signature',
    'forged-signature': 'forged signature',
    'wrong-access-key': 'unknown access key',
    'body-changed': 'body changed after signing',
    'path-changed': 'signature for another path',
    'host-changed': 'signature for another host',
    'body-not-covered': 'content type with which the body is not signed',
    'query-string': 'query string, signed and added afterwards',
    're-encoded-body': 'same fields in other bytes: 1 signed for the original, 2 signed properly',
    replayed: 'the same callback again, as Kodo retries',
    'doubled-at-once': 'the same callback twice at once',
    'slow-reader': 'answer read slowly',
    'slow-sender': 'body sent slowly',
    'oversized-body': 'oversized body',
    'endless-body': 'body that never ends',
  },
  expected: 'expected',
  seen: 'seen',
  expectations: {
    accepted: '200 and JSON',
    refused: '4xx',
    'same-answer': '200 and the same JSON',
    limited: '4xx or the end of the connection',
    ended: 'the end of the connection',
  },
  reasons: {
    'answer-not-json': 'Kodo answers the browser 579: the body must be JSON, whatever its content type.',
    'status-not-200': 'Kodo documents 200 only; whether it takes another 2xx is not known.',
    'valid-refused':
      'Check the keys, that the raw body is verified, and the URL and host the server verifies with (--signed-url). If it knows only uploads it issued, give --token-url or --callback-body.',
    'valid-redirected': 'Kodo does not follow redirects: the route must not need a login or another protocol.',
    'server-error': 'The server failed. Kodo answers the browser 579.',
    'connection-closed': 'The server ended the connection without an answer: look for a crash in its log.',
    'no-answer': 'The server did not answer in time.',
    'server-gone': 'No connection could be made any more: the server has crashed.',
    'no-key-in-answer': 'With callbackFetchKey the answer must be {"key": "…", "payload": …}.',
    'forgery-accepted': 'Anybody could report uploads like this: refuse it with 401. 2xx says that it was accepted.',
    'refused-with-server-error': 'It was not accepted, but 5xx says that the server failed: answer 4xx.',
    'refused-with-redirect': 'It was not accepted, but a callback is no navigation: answer 401.',
    'different-answer': 'Record an upload once, by its key or your id, and answer every call for it the same.',
    'body-not-limited': 'Limit the body, e.g. to 64 KiB: anybody can send this before the signature is verified.',
    'type-not-taken': 'The put policy asks for the other type, so Kodo will not send this one.',
    'query-not-verified': 'The server verifies with a fixed URL: do not use parameters of the query.',
    'query-not-taken': 'The server verifies with a fixed URL or refuses unknown parameters: put none into callbackUrl.',
    'body-not-signed':
      'QBox does not sign a JSON body, so it can be forged by who has seen one callback: use a form as callbackBodyType.',
    'qbox-json-refused':
      'That is safe, but Kodo signs by QBox, so its JSON callbacks may fail: use a form as callbackBodyType.',
    'still-open': 'Let the server, or a proxy in front of it, close connections whose request does not come.',
  },
  problems: PROBLEMS,
  variants: { meanwhile: 'another callback meanwhile', afterwards: 'another callback afterwards' },
  notJson: 'not JSON',
  closed: 'connection closed',
  unreachable: 'no connection',
  silent: (seconds) => `nothing within ${seconds} s`,
  summary: (passed, warnings, failed, skipped) =>
    `${passed} passed, ${warnings} with warnings, ${failed} failed, ${skipped} skipped`,
  missing: (names) => `Missing: ${names}. See --help.`,
  invalid: (name) => `${name} is not valid. See --help.`,
};
