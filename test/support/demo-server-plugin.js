import { request } from 'node:http';
import { tsImport } from 'tsx/esm/api';

let demo;
/** Session cookie shared by all test pages, which the test runner serves instead of the demo server. */
let cookie;

/**
 * Forwards `/api/…` to the demo server, so that test pages have the token route on their own origin, as real pages do,
 * and `/_kodo/…` to the local Kodo, whose control API rejects requests from pages.
 */
export function apiProxy(context, next) {
  if (context.path.startsWith('/_kodo/'))
    return forward(context, demo.kodo.origin, withoutPageHeaders(context.req.headers));
  return context.path.startsWith('/api/') ? forward(context, demo.origin, context.req.headers) : next();
}

/** Removes the headers that show that a page sent the request. */
function withoutPageHeaders(headers) {
  const isPageHeader = ([name]) => name === 'origin' || name === 'referer' || name.startsWith('sec-fetch-');
  return Object.fromEntries(Object.entries(headers).filter((entry) => !isPageHeader(entry)));
}

/**
 * Runs the demo server and its local Kodo during the tests. The module `virtual:demo-server` exports their addresses;
 * `/no-worker.html` is a page whose policy blocks workers.
 */
export function demoServerPlugin() {
  return {
    name: 'demo-server',
    async serverStart() {
      const { startDemo } = await tsImport('../../demo-server/start-demo.ts', import.meta.url);
      demo = await startDemo({ kodo: { control: true }, tokensPerMinute: 100_000 });
      cookie = (await fetch(demo.origin)).headers.getSetCookie()[0].split(';')[0];
    },
    async serverStop() {
      await demo?.close();
    },
    resolveImport: ({ source }) => (source === 'virtual:demo-server' ? '/@demo-server' : undefined),
    serve(context) {
      if (context.path === '/@demo-server') {
        const { origin, kodo } = demo;
        const { accessKey, secretKey } = kodo;
        const addresses = { origin, kodoOrigin: kodo.origin, domain: kodo.domain('demo'), accessKey, secretKey };
        return { body: `export default ${JSON.stringify(addresses)};`, type: 'js' };
      }
      if (context.path === '/no-worker.html') {
        context.set('content-security-policy', "worker-src 'none'");
        return { body: '<!doctype html><title>No workers</title><body></body>', type: 'html' };
      }
      return undefined;
    },
  };
}

/** Forwards a request and streams the response back. */
function forward(context, origin, headers) {
  const { method, url } = context.req;
  return new Promise((resolve, reject) => {
    const outgoing = request(`${origin}${url}`, { method, headers: { ...headers, cookie } }, (answer) => {
      context.status = answer.statusCode;
      context.set(answer.headers);
      context.body = answer;
      resolve();
    });
    outgoing.on('error', reject);
    context.req.pipe(outgoing);
  });
}
