import { describe, expect, it } from '../support/suite.js';
import { UploadError, type UploadErrorCode, type UploadErrorDetails } from '../../src/core.js';
import { nextStep, type AttemptFacts, type NextStep } from '../../src/core/upload/next-step.js';

const FACTS: AttemptFacts = {
  wasResumed: false,
  wasRestarted: false,
  wasRenewed: false,
  mayBeStored: false,
  canConfirm: false,
  hasOtherHost: false,
  failures: 1,
  retries: 5,
};

function step(code: UploadErrorCode, facts: Partial<AttemptFacts> = {}, details: UploadErrorDetails = {}): NextStep {
  return nextStep(new UploadError(code, 'x', details), { ...FACTS, ...facts });
}

describe('the step after a failed attempt', () => {
  const cases: readonly [string, UploadErrorCode, Partial<AttemptFacts>, NextStep['kind']][] = [
    ['a 579 is settled, never sent again', 'callback-failed', {}, 'confirm'],
    ['a broken connection is waited for', 'network', {}, 'wait'],
    ['another host comes first', 'network', { hasOtherHost: true }, 'other-host'],
    ['but not for too many requests', 'rate-limited', { hasOtherHost: true }, 'wait'],
    ['patience ends', 'server-error', { failures: 6 }, 'fail'],
    ['also at once', 'stalled', { failures: 1, retries: 0 }, 'fail'],
    ['a damaged part is sent again', 'checksum-mismatch', {}, 'wait'],
    ['a silent token route is asked again', 'token-timeout', {}, 'wait'],
    ['one that refuses is not', 'token-refused', {}, 'fail'],
    ['an expired token is renewed', 'token-expired', {}, 'renew'],
    ['but not twice without progress', 'token-expired', { wasRenewed: true }, 'fail'],
    ['a forgotten upload begins afresh', 'upload-expired', { wasResumed: true }, 'restart'],
    ['once', 'upload-expired', { wasResumed: true, wasRestarted: true }, 'fail'],
    ['a 400 on resume begins afresh', 'bad-request', { wasResumed: true }, 'restart'],
    ['any other 400 fails', 'bad-request', {}, 'fail'],
    ['a 612 after a lost reply is stored', 'upload-expired', { mayBeStored: true }, 'confirm'],
    ['so is a 614', 'file-exists', { mayBeStored: true }, 'confirm'],
    ['a lost reply is asked about', 'network', { mayBeStored: true, canConfirm: true }, 'confirm'],
    ['or tried again where nobody can be asked', 'network', { mayBeStored: true }, 'wait'],
    ['a 614 fails', 'file-exists', {}, 'fail'],
    ['unless it can be compared', 'file-exists', { canConfirm: true }, 'confirm'],
    ['an upload that the site does not know begins afresh', 'upload-unknown', { wasResumed: true }, 'restart'],
    ['forbidden', 'forbidden', {}, 'fail'],
    ['too large', 'too-large', {}, 'fail'],
    ['suspended', 'account-disabled', {}, 'fail'],
    ['no such bucket', 'bucket-missing', {}, 'fail'],
    ['unreadable reply', 'reply-unreadable', {}, 'fail'],
    ['wrong bytes', 'hash-mismatch', {}, 'fail'],
    ['a changed file', 'file-changed', {}, 'fail'],
  ];
  for (const [name, code, facts, kind] of cases) {
    it(`${name}: ${code} → ${kind}`, () => {
      expect(step(code, facts).kind).to.equal(kind);
    });
  }

  it('goes on at the host that Kodo names, with the scheme that was used', () => {
    const serverMessage = 'incorrect region, please use up-z2.qiniup.com, bucket is: demo';
    const details = { serverMessage, host: 'http://up.qiniup.com' };
    expect(step('region-mismatch', {}, details)).to.deep.equal({ kind: 'named-host', host: 'http://up-z2.qiniup.com' });
    expect(step('region-mismatch', {}, { ...details, host: 'http://up-z2.qiniup.com' }).kind).to.equal('fail');
    expect(step('region-mismatch', {}, { host: 'http://up.qiniup.com' }).kind).to.equal('fail');
  });
});
