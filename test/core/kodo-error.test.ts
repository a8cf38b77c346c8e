import { describe, expect, it } from '../support/suite.js';
import { toUploadError } from '../../src/core/qiniu/kodo-error.js';

const failure = (inner: unknown): Parameters<typeof toUploadError>[0] => ({
  name: 'RequestError',
  message: 'x',
  status: 579,
  reqid: 'r',
  body: { error: typeof inner === 'string' ? inner : JSON.stringify(inner) },
  retryAfter: undefined,
  hash: undefined,
});

describe('a 579', () => {
  // The first three as recorded, https://github.com/cloudreve/Cloudreve/issues/113
  for (const [reason, err_code, error, words] of [
    ['unreachable', 502, 'Post "http://127.0.0.1:9/cb": dial tcp 127.0.0.1:9: connect: connection refused', 'public'],
    ['unreachable', 0, 'Post http://a.invalid/cb: dial tcp: lookup a.invalid: no such host', 'public'],
    ['not-json', 200, 'unexcepted response', 'application/json'],
    ['timeout', 504, 'Post "http://a.example/cb": context deadline exceeded', 'in time'],
    ['forbidden', 403, 'Forbidden', 'signature'],
    ['refused', 404, 'Not Found', '404: Not Found'],
    ['refused', 502, 'Bad Gateway', '502: Bad Gateway'],
  ] as const) {
    it(`of ${err_code} ${error.slice(0, 24)} is told as ${reason}`, () => {
      const told = toUploadError(failure({ err_code, error, key: 'k', hash: 'h' }), 'https://up.example');
      expect(told.callback).to.deep.equal({ key: 'k', hash: 'h', reason, status: err_code, message: error });
      expect(told.message).to.contain(words).and.contain('https://up.example stored the file');
    });
  }

  it('in words that nobody knows is a 579 all the same', () => {
    const told = toUploadError(failure('no JSON'), 'https://up.example');
    expect(told.code).to.equal('callback-failed');
    expect(told.callback).to.deep.include({ reason: undefined, status: undefined, key: undefined });
  });
});
