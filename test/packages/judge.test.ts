import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { isSignedByQiniu } from '../../demo-server/qiniu/callback-signature.js';
import { readJudgeCommand } from '../../demo-server/kodo/src/judge-command.js';
import { formatJudgement } from '../../demo-server/kodo/src/judge-text/judgement-text.js';
import { asFormTemplate, asJsonTemplate, reEncoded } from '../../demo-server/kodo/src/judge/body-templates.js';
import type { CaseId } from '../../demo-server/kodo/src/judge/cases.js';
import { judgeCallbacks, type JudgeOptions, type Judgement } from '../../demo-server/kodo/src/judge/judge-callbacks.js';
import type { JudgeProblem } from '../../demo-server/kodo/src/judge/judge-error.js';
import { signUploadToken } from '../../demo-server/kodo/src/policy/upload-token.js';
import { startDemo, type Demo } from '../../demo-server/start-demo.js';

const KEYS = { accessKey: 'judge-access', secretKey: 'judge-secret' };
const MAX_BODY = 65_536;

/** A request with its whole body, which is cut off where it is too long. */
interface Received {
  readonly req: IncomingMessage;
  readonly body: Buffer;
}

/** A callback route with nothing wrong; each member can be replaced by a defect. */
interface Route {
  readonly verify?: (received: Received) => boolean;
  readonly maxBody?: number;
  /** Instead of 413. */
  readonly onOversize?: (req: IncomingMessage, res: ServerResponse) => void;
  readonly answer?: (received: Received, res: ServerResponse) => void;
}

function isSigned({ req, body }: Received): boolean {
  const { method = '', url: target = '', headers } = req;
  const contentType = headers['content-type'] ?? '';
  const request = { method, target, host: headers.host ?? '', contentType, headers, body };
  return isSignedByQiniu(headers.authorization, request, [KEYS]);
}

function sendJson(res: ServerResponse, status: number, value: unknown): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function routeOf({ verify = isSigned, maxBody = MAX_BODY, onOversize, answer }: Route): RequestListener {
  return (req, res) => {
    const chunks: Buffer[] = [];
    let size = 0;
    req.on('error', () => undefined); // the judge cuts connections
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBody) chunks.push(chunk);
      else if (onOversize !== undefined) onOversize(req, res);
    });
    req.on('end', () => {
      const received = { req, body: Buffer.concat(chunks) };
      if (size > maxBody) sendJson(res, 413, { error: 'too large' });
      else if (!verify(received)) sendJson(res, 401, { error: 'bad signature' });
      else if (answer !== undefined) answer(received, res);
      else sendJson(res, 200, { size });
    });
  };
}

/** Runs a server while something is done with it. */
async function withServer<T>(
  listener: RequestListener,
  use: (url: string) => Promise<T>,
  requestTimeout = 500,
): Promise<T> {
  const server = createServer({ requestTimeout, connectionsCheckingInterval: 100 }, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

async function judge(listener: RequestListener, options: Partial<JudgeOptions> = {}): Promise<Judgement> {
  return withServer(listener, (url) => judgeCallbacks({ url, ...KEYS, timeout: 2000, stallLimit: 3000, ...options }));
}

function idsOf({ results }: Judgement, wanted: string): CaseId[] {
  return results.filter(({ outcome }) => outcome === wanted).map(({ id }) => id);
}

const ATTACKS = ['no-signature', 'forged-signature', 'wrong-access-key', 'body-changed', 'path-changed'] as const;
const FORM_TYPE = 'application/x-www-form-urlencoded';

/** Signs as `isSigned()` sees it, over another body. */
const withBody = (received: Received, text: string): Received => ({ ...received, body: Buffer.from(text) });

describe('the judge of callbacks', () => {
  test('passes a route with nothing wrong, in every case', async () => {
    const judgement = await judge(routeOf({}));
    assert.equal(judgement.outcome, 'passed', formatJudgement(judgement, 'en'));
    assert.equal(judgement.results.length, 18);
    assert.deepEqual([idsOf(judgement, 'skipped'), idsOf(judgement, 'warning')], [[], []]);
  });

  test('passes the demo server, for uploads that it really issued', async () => {
    const demo = await startDemo();
    try {
      const judgement = await judgeCallbacks({ ...demo.settings, tokenUrl: `${demo.origin}/api/uploads/token` });
      assert.equal(judgement.outcome, 'passed', formatJudgement(judgement, 'en'));
      assert.deepEqual(idsOf(judgement, 'skipped'), []);
    } finally {
      await demo.close();
    }
  });

  const broken: readonly (readonly [string, Route, readonly CaseId[]])[] = [
    ['verifies nothing', { verify: () => true }, [...ATTACKS, 'host-changed', 'body-not-covered', 're-encoded-body']],
    [
      'verifies the path only',
      {
        verify: (received) => {
          const { authorization = '' } = received.req.headers;
          return isSigned(withBody(received, '')) || (authorization.startsWith('Qiniu') && isSigned(received));
        },
      },
      ['valid-qbox-form', 'body-not-covered'],
    ],
    [
      'parses and re-encodes the body before it verifies',
      {
        verify: (received) => {
          const isForm = received.req.headers['content-type'] === FORM_TYPE;
          if (!isForm) return isSigned(received);
          return isSigned(withBody(received, String(new URLSearchParams(received.body.toString()))));
        },
      },
      ['re-encoded-body'],
    ],
    [
      'ignores the access key',
      {
        verify: ({ req, body }) => {
          const authorization = (req.headers.authorization ?? '').replace(/ [^:]*:/, ` ${KEYS.accessKey}:`);
          return isSigned({
            req: Object.assign(Object.create(req) as IncomingMessage, { headers: { ...req.headers, authorization } }),
            body,
          });
        },
      },
      ['wrong-access-key'],
    ],
    [
      'takes the body of QBox for signed, whatever its type',
      {
        verify: (received) => {
          const { 'content-type': type, authorization = '' } = received.req.headers;
          const isUncovered = authorization.startsWith('QBox') && type !== FORM_TYPE;
          return isSigned(isUncovered ? withBody(received, '') : received);
        },
      },
      ['body-not-covered'],
    ],
    [
      'answers HTML',
      { answer: (_received, res) => void res.end('<!doctype html><title>ok</title>') },
      ['valid-qbox-form', 'valid-qiniu-form', 'valid-qiniu-json', 'replayed', 'doubled-at-once'],
    ],
    [
      'is not idempotent',
      { answer: (_received, res) => sendJson(res, 200, { id: randomUUID() }) },
      ['replayed', 'doubled-at-once'],
    ],
    [
      'redirects to a login',
      { answer: (_received, res) => void res.writeHead(302, { location: '/login' }).end() },
      ['valid-qbox-form', 'valid-qiniu-form'],
    ],
  ];
  for (const [what, route, expected] of broken) {
    test(`fails a route that ${what}`, async () => {
      const judgement = await judge(routeOf(route));
      const failed = idsOf(judgement, 'failed');
      assert.equal(judgement.outcome, 'failed');
      for (const id of expected) assert.ok(failed.includes(id), `${id} is not among ${failed.join(', ')}`);
      // Where valid callbacks fail, all cases that begin with one fail too.
      if (!failed.includes('valid-qbox-form')) assert.deepEqual(failed, expected);
    });
  }

  test('fails a route that answers the same callback twice only where they do not overlap', async () => {
    const seen = new Map<string, number>();
    const route = routeOf({
      answer: ({ body }, res) => {
        const text = body.toString();
        const isFirst = !seen.has(text);
        if (isFirst) setTimeout(() => seen.set(text, 1), 50);
        sendJson(res, 200, { id: isFirst ? randomUUID() : text });
      },
    });
    assert.ok(idsOf(await judge(route), 'failed').includes('doubled-at-once'));
  });

  test('ends in bounded time with a route that hangs, and skips what would hang too', async () => {
    const judgement = await withServer(
      () => undefined,
      (url) => judgeCallbacks({ url, ...KEYS, timeout: 200, stallLimit: 300 }),
      0,
    );
    assert.deepEqual(idsOf(judgement, 'failed'), ['valid-qbox-form', 'valid-qiniu-form']);
    assert.equal(idsOf(judgement, 'skipped').length, 15);
    assert.equal(judgement.results[0]?.checks[0]?.reason, 'no-answer');
  });

  test('fails a server that crashes on an oversized body', async () => {
    const server = createServer(
      routeOf({
        onOversize: () => {
          server.close();
          server.closeAllConnections();
        },
      }),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`;
    const judgement = await judgeCallbacks({ url, ...KEYS, timeout: 2000, stallLimit: 500 });
    assert.deepEqual(idsOf(judgement, 'failed'), ['oversized-body']);
    const { checks = [] } = judgement.results.find(({ id }) => id === 'oversized-body') ?? {};
    assert.ok(checks.some(({ reason }) => reason === 'server-gone'));
  });

  test('warns of a route that takes any amount, and of one that refuses with 500', async () => {
    const open = await judge(routeOf({ maxBody: Infinity }));
    assert.deepEqual([open.outcome, idsOf(open, 'warning')], ['warning', ['oversized-body']]);
    const clumsy = routeOf({ verify: () => true });
    const judgement = await judge((req, res) => {
      if (req.headers.authorization === undefined) sendJson(res, 500, { error: 'no header' });
      else clumsy(req, res);
    });
    assert.ok(idsOf(judgement, 'warning').includes('no-signature'));
  });

  test('takes a route that knows forms only, and one that verifies with a fixed URL', async () => {
    const formsOnly = routeOf({
      answer: ({ req }, res) => {
        const isForm = req.headers['content-type'] === FORM_TYPE;
        sendJson(res, isForm ? 200 : 415, { isForm });
      },
    });
    const forms = await judge(formsOnly);
    assert.deepEqual([forms.outcome, idsOf(forms, 'failed')], ['warning', []]);
    const fixed = routeOf({
      verify: ({ req, body }) =>
        isSigned({
          req: Object.assign(Object.create(req) as IncomingMessage, {
            url: '/callback',
            headers: req.headers,
            method: req.method,
          }),
          body,
        }),
    });
    const judgement = await judge(fixed);
    assert.deepEqual([idsOf(judgement, 'failed'), idsOf(judgement, 'warning')], [[], ['query-string']]);
  });

  test('sends JSON where it is asked to, and warns where QBox does not sign it', async () => {
    const judgement = await judge(routeOf({}), {
      bodyType: 'json',
      callbackBody: '{"k":$(key),"n":$(fsize),"t":"a $(x:no)"}',
    });
    assert.deepEqual([idsOf(judgement, 'failed'), idsOf(judgement, 'warning')], [[], ['body-not-covered']]);
  });

  test('signs for the address that Kodo was given, where a proxy stands in between', async () => {
    const hosts = new Set<string | undefined>();
    const route = routeOf({});
    const judgement = await judge(
      (req, res) => {
        hosts.add(req.headers.host);
        route(req, res);
      },
      { signedUrl: 'https://www.example.com/callback' },
    );
    assert.deepEqual([judgement.outcome, [...hosts]], ['passed', ['www.example.com']]);
  });

  test('shows neither secret nor signature that the server echoes', async () => {
    const judgement = await judge(
      routeOf({
        answer: ({ req }, res) => sendJson(res, 418, { echo: req.headers.authorization, secret: KEYS.secretKey }),
      }),
    );
    const text = formatJudgement(judgement, 'en');
    assert.match(text, /QBox judge-access:\*\*\*/);
    assert.doesNotMatch(text, /judge-secret|[\w-]{27}=/);
  });
});

describe('what the judge needs', () => {
  const rejects = async (options: Partial<JudgeOptions>, problem: JudgeProblem): Promise<void> => {
    await assert.rejects(judgeCallbacks({ ...KEYS, timeout: 1000, ...options }), { name: 'JudgeError', problem });
  };
  const token = (policy: Record<string, unknown>, keys = KEYS): RequestListener => {
    const deadline = Math.floor(Date.now() / 1000) + 60;
    return (_req, res) =>
      sendJson(res, 200, { data: { uptoken: signUploadToken(keys, { scope: 'b', deadline, ...policy }) } });
  };

  test('a URL that can be reached', async () => {
    const url = await withServer(routeOf({}), async (address) => address);
    await rejects({ url }, 'unreachable');
    await rejects({ url: 'ftp://127.0.0.1/' }, 'bad-option');
    await rejects({}, 'bad-option');
  });

  test('tokens of the same keys, with a callback', async () => {
    const body = { callbackBody: 'k=$(key)', callbackUrl: 'http://127.0.0.1:9/' };
    await withServer(token({}), (tokenUrl) => rejects({ tokenUrl }, 'no-callback-url'));
    await withServer(token(body, { ...KEYS, secretKey: 'other' }), (tokenUrl) =>
      rejects({ tokenUrl }, 'foreign-token'),
    );
    await withServer(token({ callbackUrl: 'http://127.0.0.1:9/' }), (tokenUrl) => rejects({ tokenUrl }, 'bad-policy'));
    await withServer(
      (_req, res) => res.writeHead(302).end(),
      (tokenUrl) => rejects({ tokenUrl }, 'token-route-refused'),
    );
    await withServer(
      (_req, res) => sendJson(res, 200, {}),
      (tokenUrl) => rejects({ tokenUrl }, 'no-token'),
    );
    await rejects({ tokenUrl: 'http://127.0.0.1:9/' }, 'token-route-unreachable');
  });

  test('bodies in either form', () => {
    assert.equal(asJsonTemplate('id=a%22b&n=$(fsize)&p=x-$(key)'), '{"id":"a\\"b","n":$(fsize),"p":"x-$(key)"}');
    assert.equal(asFormTemplate('{"id":"a b","n":$(fsize),"o":{"x":1}}'), 'id=a+b&n=$(fsize)&o=%7B%22x%22%3A1%7D');
    assert.equal(asJsonTemplate('{"a":1}'), undefined);
    assert.equal(reEncoded('a=b+c&d=%41', 'form'), 'a=%62%20%63&d=%41');
    assert.equal(reEncoded('{"a":1}', 'json'), '{\n "a": 1\n}');
  });
});

describe('kodo-local judge', () => {
  let demo: Demo;
  before(async () => {
    demo = await startDemo();
  });
  after(() => demo.close());

  interface Ended {
    readonly code: number;
    readonly output: string;
    readonly errors: string;
  }
  const run = (args: readonly string[], env: Record<string, string> = {}): Promise<Ended> =>
    new Promise((resolve) => {
      const { PATH = '' } = process.env;
      const options = { env: { PATH, ...env }, timeout: 60_000 };
      execFile(process.execPath, ['demo-server/kodo/bin.js', 'judge', ...args], options, (error, output, errors) =>
        resolve({ code: error === null ? 0 : Number(error.code), output, errors }),
      );
    });

  test('says in Chinese what it saw, and ends with 0, with keys of the environment', async () => {
    const { accessKey, secretKey } = demo.settings;
    const { code, output } = await run(['--token-url', `${demo.origin}/api/uploads/token`, '--stall-limit', '500'], {
      LANG: 'zh_CN.UTF-8',
      QINIU_ACCESS_KEY: accessKey,
      QINIU_SECRET_KEY: secretKey,
    });
    assert.match(
      output,
      /^通过 {2}有效回调，QBox 签名，表单 \(valid-qbox-form\)\n {6}QBox, form: 预期 200 和 JSON; 实际 200, JSON/,
    );
    assert.match(output, /\n\n17 项通过，1 项警告，0 项失败，0 项跳过\n$/);
    assert.equal(code, 0, output);
    assert.ok(!output.includes(secretKey));
  });

  test('ends with 1 where something failed, and says why', async () => {
    await withServer(routeOf({ verify: () => true }), async (url) => {
      const args = [url, '--access-key', 'a', '--secret-key', 'super-secret', '--stall-limit', '900', '--lang', 'en'];
      const { code, output } = await run(args, { LANG: 'zh_CN' });
      assert.match(
        output,
        /\nFAIL {2}no signature \(no-signature\)\n {6}QBox, form: expected 4xx; received 200, JSON: /,
      );
      assert.match(output, /Reject it with 401/);
      assert.equal(code, 1);
      assert.doesNotMatch(output, /super-secret/);
    });
  });

  test('ends with 2 where it cannot judge', async () => {
    const unreachable = await run(['http://127.0.0.1:9/', '--access-key', 'a', '--secret-key', 's', '--lang', 'en']);
    assert.deepEqual(unreachable, {
      code: 2,
      output: '',
      errors: 'The callback URL cannot be reached: http://127.0.0.1:9 (ECONNREFUSED)\n',
    });
    const usage = [
      [[], /callback-url, --access-key, --secret-key/],
      [['http://127.0.0.1:9/', '--access-key', 'a'], /--secret-key/],
      [['--lang', 'fr'], /--lang/],
      [['--what'], /--what/],
      [['u', '--access-key', 'a', '--secret-key', 's', '--content-type', 'xml'], /--content-type/],
      [['u', '--access-key', 'a', '--secret-key', 's', '--token-body', '[]'], /--token-body/],
      [['u', '--access-key', 'a', '--secret-key', 's', '--timeout', '0'], /--timeout/],
      [['u', '--access-key', 'a', '--secret-key', 's', '--token-header', 'x'], /--token-header/],
    ] as const;
    for (const [args, message] of usage) {
      assert.throws(() => readJudgeCommand(args, { LANG: 'zh_CN' }), { name: 'UsageError', message });
    }
    const { code, errors } = await run([]);
    assert.deepEqual([code, errors], [2, 'Missing: callback-url, --access-key, --secret-key. See --help.\n']);
  });

  test('has help in both languages', async () => {
    assert.match((await run(['--help', '--lang', 'zh-CN'])).output, /^用法：kodo-local judge[^]*退出码/);
    assert.match((await run(['--help'])).output, /^Usage: kodo-local judge/);
  });
});
