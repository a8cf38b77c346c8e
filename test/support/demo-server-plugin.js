import { request } from 'node:http';
import { tsImport } from 'tsx/esm/api';

let demo;
/** The cookie of the one visitor that all test pages are: those of the runner do not come from the demo server. */
let cookie;

/**
 * Answers `/api/…` by the demo server, so that test pages have their token route on their own origin, as real pages do;
 * and `/_kodo/…` by the local Kodo, whose control takes no requests from pages.
 */
export function apiProxy(context, next) {
  if (context.path.startsWith('/_kodo/')) return passOn(context, demo.kodo.origin, withoutPage(context.req.headers));
  return context.path.startsWith('/api/') ? passOn(context, demo.origin, context.req.headers) : next();
}

/** The headers of a request without what says that a page sent it. */
function withoutPage(headers) {
  const isOfPage = ([name]) => name === 'origin' || name === 'referer' || name.startsWith('sec-fetch-');
  return Object.fromEntries(Object.entries(headers).filter((entry) => !isOfPage(entry)));
}

/**
 * Runs the demo server with its local Kodo beside the tests. `virtual:demo-server` is a module with its addresses;
 * `/no-worker.html` is a page where no worker may start.
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

/** Forwards a request, and its answer as it comes. */
function passOn(context, origin, headers) {
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
