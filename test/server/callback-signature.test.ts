import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isSignedByQiniu, type SignedRequest } from '../../demo-server/qiniu/callback-signature.js';
import { downloadUrl } from '../../demo-server/qiniu/download-url.js';
import { checkFields } from '../../demo-server/qiniu/put-policy.js';
import type { UploadSettings } from '../../demo-server/uploads/upload-settings.js';

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';
const OURS = [{ accessKey: 'AK', secretKey: 'SK' }];
/** The keys of the vectors in the official SDKs' tests. */
const SDKS = [{ accessKey: 'abcdefghklmnopq', secretKey: '1234567890' }];
const SDK_BODY = 'name=sunflower.jpg&hash=Fn6qeQi4VDLQ347NiRm-RlQx_4O2&location=Shanghai&price=1500.00&uid=123';

const request = (given: Partial<Omit<SignedRequest, 'body'>> & { readonly body: string }): SignedRequest => ({
  method: 'POST',
  target: '/callback?x=1',
  host: 'example.com',
  contentType: FORM,
  headers: {},
  ...given,
  body: Buffer.from(given.body),
});
const sdkRequest = (given: Partial<Omit<SignedRequest, 'body'>> = {}): SignedRequest =>
  request({ target: '/callback', host: 'test.qiniu.com', body: SDK_BODY, ...given });
const form = 'key=a.txt&hash=Fqr0xh3cxeii2r7eDztILNmuqUNN';

describe('a callback’s signature', () => {
  const vectors: readonly [string, string, SignedRequest, typeof OURS][] = [
    ['QBox, form', 'QBox AK:y_46CzQUwd6brxVO58dBe_FxT5U=', request({ body: form }), OURS],
    [
      'Qiniu, form, a host with its port',
      'Qiniu AK:1QxTtK3Cn4W_N5R8SjHtDFOuEOg=',
      request({ body: form, host: '127.0.0.1:8080' }),
      OURS,
    ],
    [
      'Qiniu, JSON',
      'Qiniu AK:wvtDT5Hb6YglyLxawcVfZLQs5EU=',
      request({ contentType: JSON_TYPE, body: '{"a":1}' }),
      OURS,
    ],
    ['QBox, form, of the SDKs', 'QBox abcdefghklmnopq:T7F-SjxX7X2zI4Fc1vANiNt1AUE=', sdkRequest(), SDKS],
    [
      'Qiniu, GET with a header, of the SDKs',
      'Qiniu abcdefghklmnopq:ZqS7EZuAKrhZaEIxqNGxDJi41IQ=',
      sdkRequest({ method: 'GET', headers: { 'x-qiniu-bbb': 'BBB' } }),
      SDKS,
    ],
    ['Qiniu, POST, of the SDKs', 'Qiniu abcdefghklmnopq:2uVo2eNnQ1OccOQgQnfYW8oRYwk=', sdkRequest(), SDKS],
  ];
  for (const [name, authorization, given, keys] of vectors) {
    test(`is known: ${name}`, () => assert.equal(isSignedByQiniu(authorization, given, keys), true));

    test(`covers what it covers: ${name}`, () => {
      const others: readonly SignedRequest[] = [
        { ...given, target: `${given.target}2` },
        ...(authorization.startsWith('Qiniu') ? [{ ...given, host: 'other.example' }] : []),
        { ...given, body: Buffer.from(String(given.body).replace('=', '%3D').replace('"', ' "')) },
      ];
      for (const other of others) assert.equal(isSignedByQiniu(authorization, other, keys), false);
      assert.equal(isSignedByQiniu(authorization, given, []), false);
    });
  }

  const uncovered: readonly [string, string, SignedRequest, typeof OURS][] = [
    ['QBox, JSON', 'QBox AK:BGFkNjKQYQost_3XRd1RbhxmZJE=', request({ contentType: JSON_TYPE, body: '{"a":1}' }), OURS],
    [
      'QBox, JSON, of the SDKs',
      'QBox abcdefghklmnopq:IPMjLaR53UWeUR9-gWI2Rz5fTIw=',
      sdkRequest({ contentType: JSON_TYPE }),
      SDKS,
    ],
  ];
  for (const [name, authorization, given, keys] of uncovered) {
    test(`is refused where it does not cover the body: ${name} (A10)`, () => {
      assert.equal(isSignedByQiniu(authorization, given, keys), false);
      assert.equal(isSignedByQiniu(authorization, { ...given, contentType: `${FORM}; charset=utf-8` }, keys), false);
    });
  }
});

test('a download’s signature is the SDKs’', () => {
  const settings = { domain: 'http://cdn.example.com', accessKey: 'AK', secretKey: 'SK', isPrivate: true };
  assert.equal(
    downloadUrl(settings as UploadSettings, 'a.txt', (1_893_456_000 - 3600) * 1000 - 1),
    'http://cdn.example.com/a.txt?e=1893456000&token=AK:QwBzq508ZxgHkWI9NhY8JB8pTpY=',
  );
});

test('a put policy’s field that Kodo does not know is not signed', () => {
  assert.throws(() => checkFields({ scope: 'b', fsizelimit: 1 }), /no field fsizelimit/);
});
