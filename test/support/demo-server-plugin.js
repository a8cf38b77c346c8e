import { request } from 'node:http';
import { tsImport } from 'tsx/esm/api';

/**
 * Runs the demo server with its local Kodo beside the tests.
 *
 * `/@demo-server` is a module with its addresses; `/api/…` is answered by it, so that test pages have their token route
 * on their own origin, as real pages do; `/no-worker/…` serves the test page's files where no worker may start.
 */
export function demoServerPlugin() {
  let demo;
  return {
    name: 'demo-server',
    async serverStart({ app }) {
      const { startDemo } = await tsImport('../../demo-server/start-demo.ts', import.meta.url);
      demo = await startDemo({ kodo: { control: true }, tokensPerMinute: 100_000 });
      // before everything else, because the answer is not ours to transform
      app.middleware.unshift((context, next) =>
        context.path.startsWith('/api/') ? passOn(context, demo.origin) : next(),
      );
    },
    async serverStop() {
      await demo?.close();
    },
    serve(context) {
      if (context.path === '/@demo-server') {
        const { origin, kodo } = demo;
        const addresses = { origin, kodoOrigin: kodo.origin, domain: kodo.domain('demo'), accessKey: kodo.accessKey };
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
function passOn(context, origin) {
  const { method, url, headers } = context.req;
  context.respond = false;
  const outgoing = request(`${origin}${url}`, { method, headers }, (answer) => {
    context.res.writeHead(answer.statusCode, answer.headers);
    answer.pipe(context.res);
  });
  outgoing.on('error', (error) => context.res.destroy(error));
  context.req.pipe(outgoing);
}
