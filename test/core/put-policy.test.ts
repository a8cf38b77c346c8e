import { describe, expect, it } from '../support/suite.js';
import { UploadError } from '../../src/core.js';
import { checkPolicyLimits } from '../../src/core/token/policy-limits.js';
import { findPolicyMistakes } from '../../src/core/token/policy-mistakes.js';
import { parsePutPolicy } from '../../src/core/transport/put-policy.js';
import { parseGrant } from '../../src/core/token/token-grant.js';
import { makeToken } from '../support/fake-transport.js';

function thrown(act: () => unknown): UploadError {
  try {
    act();
  } catch (error) {
    if (error instanceof UploadError) return error;
    throw error;
  }
  throw new Error('Nothing was thrown.');
}

describe('a put policy', () => {
  it('is read out of a token', () => {
    const policy = parsePutPolicy(makeToken({ scope: '桶:a:b/c.png', callbackUrl: 'https://x', fsizeLimit: 5 }));
    expect(policy).to.include({ accessKey: 'access-key', bucket: '桶', scopeKey: 'a:b/c.png', fsizeLimit: 5 });
  });

  it('is read without padding too', () => {
    expect(parsePutPolicy(makeToken({ scope: 'ab' }).replace(/=+$/, '')).bucket).to.equal('ab');
  });

  for (const token of [
    'a',
    'a:b',
    'a:b:c:d',
    'a:b:e30',
    ':b:e30=',
    'a:b:%%%',
    makeToken({ scope: '' }),
    makeToken({ scope: 7 }),
  ]) {
    it(`is not found in "${token.slice(0, 24)}", and the error does not show the token`, () => {
      const error = thrown(() => parsePutPolicy(token));
      expect(error.code).to.equal('token-malformed');
      if (token.length > 9) expect(error.message).not.to.contain(token);
    });
  }
});

describe('the limits in a policy', () => {
  const file = (size: number, type = '') => ({
    id: '1',
    file: new File([], 'a'),
    name: 'a',
    size,
    type,
    path: undefined,
  });
  const check = (policy: Record<string, unknown>, given: ReturnType<typeof file>) => () =>
    checkPolicyLimits(given, parsePutPolicy(makeToken(policy)));

  it('are held before a byte is sent', () => {
    expect(thrown(check({ fsizeLimit: 9 }, file(10))).code).to.equal('too-large');
    expect(thrown(check({ fsizeMin: 11 }, file(10))).code).to.equal('too-small');
    expect(thrown(check({ mimeLimit: 'image/*' }, file(1, 'text/plain'))).code).to.equal('type-forbidden');
    expect(thrown(check({ mimeLimit: '!text/plain;image/*' }, file(1, 'image/png'))).code).to.equal('type-forbidden');
  });

  it('allow what Kodo allows', () => {
    expect(check({ fsizeLimit: 10, fsizeMin: 10 }, file(10))).not.to.throw();
    expect(check({ fsizeLimit: 0 }, file(10))).not.to.throw();
    expect(check({ mimeLimit: 'image/*;text/plain' }, file(1, 'text/plain'))).not.to.throw();
    expect(check({ mimeLimit: 'image/*' }, file(1, ''))).not.to.throw();
    expect(check({ mimeLimit: '' }, file(1, 'text/plain'))).not.to.throw();
    expect(check({ mimeLimit: '!' }, file(1, 'text/plain'))).not.to.throw();
  });

  it('are judged by every name of a type, and by the extension: Kodo looks at the content (F10)', () => {
    const csv = { ...file(1, 'application/vnd.ms-excel'), name: 'a.csv' };
    expect(check({ mimeLimit: 'text/csv' }, csv)).not.to.throw();
    expect(check({ mimeLimit: 'application/zip' }, file(1, 'application/x-zip-compressed'))).not.to.throw();
    expect(check({ mimeLimit: 'image/*' }, file(1, 'application/octet-stream'))).not.to.throw();
    expect(thrown(check({ mimeLimit: '!application/zip' }, file(1, 'application/x-zip-compressed'))).code).to.equal(
      'type-forbidden',
    );
  });
});

describe('mistakes in a policy', () => {
  const mistakes = (policy: Record<string, unknown>, key?: string): string =>
    findPolicyMistakes(parseGrant({ token: makeToken(policy), key })).join(' ');

  it('are none in a good one', () => {
    expect(mistakes({ scope: 'demo:k', callbackUrl: 'https://x', callbackBody: 'key=$(key)' }, 'k')).to.equal('');
  });

  const cases: readonly [string, Record<string, unknown>, string | undefined, RegExp][] = [
    ['a deadline in milliseconds', { deadline: Date.now() }, undefined, /in milliseconds/],
    ['no deadline', { deadline: undefined }, undefined, /no deadline/],
    ['a token that had expired', { deadline: 1000 }, undefined, /had expired/],
    ['a key outside the scope', { scope: 'demo:a' }, 'b', /outside .*"demo:a"/],
    ['a key outside a prefix', { scope: 'demo:a/', isPrefixalScope: 1 }, 'b', /outside/],
    ['returnBody beside callbackUrl', { callbackUrl: 'x', callbackBody: 'y', returnBody: '{}' }, undefined, /both/],
    ['callbackUrl without callbackBody', { callbackUrl: 'x' }, undefined, /without callbackBody/],
    ['misspelt fields', { fsizelimit: 1, callbackURL: 'x' }, undefined, /ignores: fsizelimit, callbackURL/],
  ];
  for (const [name, policy, key, text] of cases) {
    it(`are named: ${name}`, () => {
      expect(mistakes(policy, key)).to.match(text);
    });
  }
});
