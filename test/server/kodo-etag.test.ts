import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callbackAuthorization } from '../../demo-server/kodo/src/callback/callback.js';
import { EtagHash, etagOfParts } from '../../demo-server/kodo/src/store/etag.js';
import { sign, signUploadToken } from '../../demo-server/kodo/src/policy/upload-token.js';

const MIB = 1024 * 1024;
const FORM = 'application/x-www-form-urlencoded';

/** Repeated pages of 4096 bytes: `A`, 4093 `b`, CR LF. */
function pages(size: number): Buffer {
  return Buffer.alloc(size, `A${'b'.repeat(4093)}\r\n`);
}

function hashOf(data: Buffer): string {
  return new EtagHash().update(data).digest();
}

function hashOfParts(data: Buffer, sizes: readonly number[]): string {
  let offset = 0;
  return etagOfParts(
    sizes.map((size) => {
      const part = data.subarray(offset, (offset += size));
      return { size, etag: hashOf(part) };
    }),
  );
}

test('hashes by bytes as Qiniu does', () => {
  const vectors: readonly [Buffer, string][] = [
    [Buffer.alloc(0), 'Fto5o-5ea0sNMlW_75VgGJCv2AcJ'],
    [Buffer.from('hello'), 'Fqr0xh3cxeii2r7eDztILNmuqUNN'],
    [Buffer.from('etag'), 'FpLiADEaVoALPkdb8tJEJyRTXoe_'],
    [pages(MIB), 'Foyl8onxBLWeRLL5oItRJphv6i4b'],
    [pages(4 * MIB), 'FicHOveBNs5Kn9d74M3b9tI4D-8r'],
    [pages(5 * MIB), 'lg-Eb5KFCuZn-cUfj_oS2PPOU9xy'],
    [pages(8 * MIB), 'lkSKZOMToDp-EqLDVuT1pyjQssl-'],
    [pages(9 * MIB), 'ljgVjMtyMsOgIySv79U8Qz4TrUO4'],
  ];
  for (const [data, expected] of vectors) assert.equal(hashOf(data), expected);
});

test('hashes by parts as Qiniu does', () => {
  const vectors: readonly [Buffer, readonly number[], string][] = [
    [pages(9 * MIB), [4 * MIB, 4 * MIB, MIB], 'ljgVjMtyMsOgIySv79U8Qz4TrUO4'],
    [Buffer.from('helloworld'), [5, 5], 'ns56DcSIfBFUENXjdhsJTIvl3Rcu'],
    [pages(MIB), [MIB / 2, MIB / 2], 'nlF4JinKEDBChmFGYbEIsZt6Gxnw'],
    [pages(8.5 * MIB), [MIB / 2, 8 * MIB], 'nt82yvMNHlNgZ4H8_A_4de84mr2f'],
    [pages(8 * MIB), [8 * MIB], 'nnq5IZLgZLJ56Ln7vmcjq4RgiWgF'],
    [pages(5 * MIB), [MIB, MIB, MIB, MIB, MIB], 'nggq6_VNIFO3tRDTyYDJzpfTVPek'],
  ];
  for (const [data, sizes, expected] of vectors) assert.equal(hashOfParts(data, sizes), expected);
});

test('hashes the same however the bytes come in', () => {
  const data = pages(9 * MIB);
  const hash = new EtagHash();
  for (let offset = 0; offset < data.length; offset += 999_983) hash.update(data.subarray(offset, offset + 999_983));
  assert.equal(hash.digest(), hashOf(data));
});

test('signs tokens as the documentation does', () => {
  const keys = { accessKey: 'AK', secretKey: 'SK' };
  assert.equal(
    signUploadToken(keys, { scope: 'demo', deadline: 1893456000 }),
    'AK:hFYQ7zBsnOQoMu3JBOraJfDCqMY=:eyJzY29wZSI6ImRlbW8iLCJkZWFkbGluZSI6MTg5MzQ1NjAwMH0=',
  );
  assert.equal(sign('sk', Buffer.from('hello').toString('base64')), '2pn0qs-2kfEsQFuHI2pAYlo0hpc=');
  const example = Buffer.from(
    '{"scope":"my-bucket:sunflower.jpg","deadline":1451491200,"returnBody":"{\\"name\\":$(fname),\\"size\\":$(fsize),' +
      '\\"w\\":$(imageInfo.width),\\"h\\":$(imageInfo.height),\\"hash\\":$(etag)}"}',
  );
  const encoded = example.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
  assert.equal(sign('MY_SECRET_KEY', encoded), 'wQ4ofysef1R7IKnrziqtomqyDvI=');
});

test('signs callbacks in both schemes', () => {
  const keys = { accessKey: 'AK', secretKey: 'SK' };
  const form = 'key=a.txt&hash=Fqr0xh3cxeii2r7eDztILNmuqUNN';
  const request = {
    host: undefined,
    reqid: '',
    contentType: FORM,
    body: form,
    url: 'http://127.0.0.1:8080/callback?x=1',
  };
  const json = { ...request, contentType: 'application/json', body: '{"a":1}', url: 'http://example.com/callback?x=1' };
  assert.equal(callbackAuthorization('QBox', keys, request), 'QBox AK:y_46CzQUwd6brxVO58dBe_FxT5U=');
  assert.equal(callbackAuthorization('QBox', keys, json), 'QBox AK:BGFkNjKQYQost_3XRd1RbhxmZJE=');
  assert.equal(callbackAuthorization('Qiniu', keys, request), 'Qiniu AK:1QxTtK3Cn4W_N5R8SjHtDFOuEOg=');
  assert.equal(callbackAuthorization('Qiniu', keys, json), 'Qiniu AK:wvtDT5Hb6YglyLxawcVfZLQs5EU=');
  const documented = {
    ...request,
    url: 'https://test.qiniu.com/callback',
    body: 'name=sunflower.jpg&hash=Fn6qeQi4VDLQ347NiRm-RlQx_4O2&location=Shanghai&price=1500.00&uid=123',
  };
  const sdkKeys = { accessKey: 'abcdefghklmnopq', secretKey: '1234567890' };
  assert.equal(callbackAuthorization('QBox', sdkKeys, documented), 'QBox abcdefghklmnopq:T7F-SjxX7X2zI4Fc1vANiNt1AUE=');
  assert.equal(
    callbackAuthorization('Qiniu', sdkKeys, documented),
    'Qiniu abcdefghklmnopq:2uVo2eNnQ1OccOQgQnfYW8oRYwk=',
  );
});
