import { randomBytes } from 'node:crypto';
import type { CallbackScheme } from '../callback/callback.js';
import { sign } from '../policy/upload-token.js';
import type { Bench, Changes } from './bench.js';
import { reEncoded, withField } from './body-templates.js';
import { CONTENT_TYPES, type BodyType, type UploadCallback } from './callback-source.js';
import { accepted, refused, sameAnswer, unless, type Check } from './verdict.js';
import { endless, oversized, slowReader, slowSender } from './slow-cases.js';
import { nameOf, ownWay, waysOf, type Way } from './ways.js';

export interface JudgeCase {
  readonly id: CaseId;
  run(bench: Bench): Promise<readonly Check[]>;
}

export const CASE_IDS = [
  'valid-qbox-form',
  'valid-qiniu-form',
  'valid-qiniu-json',
  'no-signature',
  'forged-signature',
  'wrong-access-key',
  'body-changed',
  'path-changed',
  'host-changed',
  'body-not-covered',
  'query-string',
  're-encoded-body',
  'replayed',
  'doubled-at-once',
  'slow-reader',
  'slow-sender',
  'oversized-body',
  'endless-body',
] as const;

export type CaseId = (typeof CASE_IDS)[number];

/** All cases except the last, in order. */
export const CASES: readonly JudgeCase[] = [
  valid('valid-qbox-form', 'QBox', 'form'),
  valid('valid-qiniu-form', 'Qiniu', 'form'),
  valid('valid-qiniu-json', 'Qiniu', 'json'),
  tampered('no-signature', (way) => [[way.name, { authorization: '' }]]),
  tampered('forged-signature', ({ scheme, name, callback }, { keys }) => {
    const invented = sign(randomBytes(20).toString('hex'), callback.message.body);
    const head = `${scheme} ${keys.accessKey}:`;
    return [
      [name, { keys: { ...keys, secretKey: randomBytes(20).toString('hex') } }],
      [`${name}, HMAC("x")`, { authorization: `${head}${invented}` }],
      [`${name}, ""`, { authorization: head }],
    ];
  }),
  tampered('wrong-access-key', ({ name }, { keys }) => {
    const accessKey = randomBytes(20).toString('hex');
    return [
      [`${name}, 1`, { keys: { ...keys, accessKey } }],
      // Anyone can open a Qiniu account and sign with its keys.
      [`${name}, 2`, { keys: { accessKey, secretKey: randomBytes(20).toString('hex') } }],
    ];
  }),
  tampered('body-changed', ({ name, type, callback }, _bench, { hash }) => {
    const { body } = callback.message;
    const other = `${hash.slice(0, -4)}${hash.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`;
    return [
      [name, { sentBody: body.includes(hash) ? body.replaceAll(hash, other) : withField(body, type, 'judge', '1') }],
    ];
  }),
  tampered('path-changed', ({ name, callback }) => {
    const url = new URL(callback.signedUrl);
    url.pathname += url.pathname.endsWith('/') ? 'other' : '/other';
    return [[name, { signedUrl: url.href }]];
  }),
  tampered('host-changed', ({ scheme, name }) => (scheme === 'Qiniu' ? [[name, { signedHost: 'other.invalid' }]] : [])),
  { id: 'body-not-covered', run: bodyNotCovered },
  { id: 'query-string', run: queryString },
  { id: 're-encoded-body', run: reEncodedBody },
  { id: 'replayed', run: replayed },
  { id: 'doubled-at-once', run: doubled },
  { id: 'slow-reader', run: slowReader },
  { id: 'slow-sender', run: slowSender },
  { id: 'oversized-body', run: oversized },
];

/** Takes long: started first, and run concurrently with the others. */
export const LONG_CASE: JudgeCase = { id: 'endless-body', run: endless };

/** A callback exactly as Kodo sends it. */
function valid(id: CaseId, scheme: CallbackScheme, type: BodyType): JudgeCase {
  return {
    id,
    async run(bench) {
      const upload = await bench.next();
      const { [type]: callback } = upload;
      if (callback === undefined) return [];
      const check = accepted(nameOf(scheme, type), await bench.send(callback, scheme), upload.namesKey);
      // Kodo sends the type that the policy specifies: a server may support that type only.
      return [type === upload.own ? check : unless(check, ['valid-refused'], 'type-not-taken')];
    },
  };
}

/** Callbacks that Kodo did not send in this form, for each signing method; all for the same upload. */
function tampered(
  id: CaseId,
  changesOf: (way: Way, bench: Bench, upload: UploadCallback) => readonly (readonly [string, Changes])[],
): JudgeCase {
  return {
    id,
    async run(bench) {
      const upload = await bench.next();
      const all = waysOf(upload).flatMap((way) =>
        changesOf(way, bench, upload).map(([name, changes]) => ({ way, name, changes })),
      );
      const checks: Check[] = [];
      for (const { way, name, changes } of all) {
        checks.push(refused(name, await bench.send(way.callback, way.scheme, changes)));
      }
      return checks;
    },
  };
}

/** Content types for which a scheme does not sign the body: with one signature, an attacker could send any body. */
async function bodyNotCovered(bench: Bench): Promise<readonly Check[]> {
  const upload = await bench.next();
  const { form, json, own } = upload;
  const checks: Check[] = [];
  if (json !== undefined) {
    const check = refused('QBox, JSON', await bench.send(json, 'QBox'));
    if (own === 'form') checks.push(check);
    // Qiniu does send such callbacks if the policy specifies JSON, so servers that use them must accept them.
    else if (check.outcome === 'passed') checks.push({ ...check, outcome: 'warning', reason: 'qbox-json-refused' });
    else checks.push(unless(check, ['forgery-accepted'], 'body-not-signed'));
  }
  const callback = form ?? json;
  if (callback === undefined) return checks;
  for (const sentType of ['text/plain', 'application/octet-stream', 'multipart/form-data; boundary=b']) {
    const changes = { signedType: sentType, signedBody: '', sentType };
    checks.push(refused(`QBox, ${sentType}`, await bench.send(callback, 'QBox', changes)));
  }
  const charset = `${CONTENT_TYPES.form}; charset=UTF-8`;
  const unsigned = { signedType: charset, sentType: charset };
  if (form !== undefined) checks.push(refused(`QBox, ${charset}`, await bench.send(form, 'QBox', unsigned)));
  const binary = { signedType: 'application/octet-stream', signedBody: '', sentType: 'application/octet-stream' };
  checks.push(refused('Qiniu, application/octet-stream', await bench.send(callback, 'Qiniu', binary)));
  return checks;
}

/** Both schemes sign the query. A server that verifies against a fixed URL may respond differently. */
async function queryString(bench: Bench): Promise<readonly Check[]> {
  const upload = await bench.next();
  const { callback, scheme, name } = ownWay(upload);
  const signed = new URL(callback.signedUrl);
  signed.search += `${signed.search === '' ? '?' : '&'}judge=1`;
  const whole = await bench.send(callback, scheme, { signedUrl: signed.href, sentQuery: 'judge=1' });
  const added = await bench.send(callback, scheme, { sentQuery: 'judge=1' });
  return [
    unless(accepted(`${name}, ?judge=1`, whole, upload.namesKey), ['valid-refused'], 'query-not-taken'),
    unless(refused(`${name}, +?judge=1`, added), ['forgery-accepted'], 'query-not-verified'),
  ];
}

/** The signature covers the bytes sent, however the fields are encoded. */
async function reEncodedBody(bench: Bench): Promise<readonly Check[]> {
  const upload = await bench.next();
  const checks: Check[] = [];
  for (const { callback, scheme, type, name } of waysOf(upload)) {
    const other = reEncoded(callback.message.body, type);
    if (other === undefined) continue;
    checks.push(refused(`${name}, 1`, await bench.send(callback, scheme, { sentBody: other })));
    const proper = await bench.send(callback, scheme, { signedBody: other, sentBody: other });
    const check = accepted(`${name}, 2`, proper, upload.namesKey);
    checks.push(type === upload.own ? check : unless(check, ['valid-refused'], 'type-not-taken'));
  }
  return checks;
}

async function replayed(bench: Bench): Promise<readonly Check[]> {
  const upload = await bench.next();
  const { callback, scheme, name } = ownWay(upload);
  const outgoing = bench.prepare(callback, scheme);
  const first = await bench.resend(outgoing);
  const again = await bench.resend(outgoing);
  return [accepted(`${name}, 1`, first, upload.namesKey), sameAnswer(`${name}, 2`, first, again)];
}

async function doubled(bench: Bench): Promise<readonly Check[]> {
  const upload = await bench.next();
  const { callback, scheme, name } = ownWay(upload);
  const outgoing = bench.prepare(callback, scheme);
  const [first, second] = await Promise.all([bench.resend(outgoing), bench.resend(outgoing)]);
  return [accepted(`${name}, 1`, first, upload.namesKey), sameAnswer(`${name}, 2`, first, second)];
}
