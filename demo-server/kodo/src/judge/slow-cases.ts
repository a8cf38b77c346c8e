import type { Bench } from './bench.js';
import { withField } from './body-templates.js';
import { accepted, ended, limited, type Check } from './verdict.js';
import { ownWay } from './ways.js';

/** A body size in bytes that no server should accept: Kodo's callbacks have a few hundred bytes. */
const OVERSIZE = 16 * 1024 * 1024;
/** Milliseconds between two pieces of a body or a response. */
const PAUSE = 20;

/** Reads a response in small pieces while another callback is sent. */
export async function slowReader(bench: Bench): Promise<readonly Check[]> {
  const upload = await bench.next();
  const { callback, scheme, name } = ownWay(upload);
  const slow = bench.send(callback, scheme, { readingPause: PAUSE });
  const meanwhile = await bench.send(callback, scheme);
  return [accepted(name, await slow, upload.namesKey), accepted('meanwhile', meanwhile, upload.namesKey)];
}

/** Sends a body in two halves, with another callback in between. */
export async function slowSender(bench: Bench): Promise<readonly Check[]> {
  const upload = await bench.next();
  const { callback, scheme, name } = ownWay(upload);
  const outgoing = bench.prepare(callback, scheme);
  const half = Math.floor(outgoing.body.length / 2);
  const slow = bench.begin(outgoing);
  slow.write(outgoing.body.subarray(0, half));
  const meanwhile = await bench.send(callback, scheme);
  await slow.end(outgoing.body.subarray(half));
  const seen = await slow.within(bench.timeout);
  return [accepted('meanwhile', meanwhile, upload.namesKey), accepted(name, seen, upload.namesKey)];
}

/** Sends oversized bodies, with and without a length; the server must still respond afterwards. */
export async function oversized(bench: Bench): Promise<readonly Check[]> {
  const upload = await bench.next();
  const { callback, scheme, type, name } = ownWay(upload);
  const body = withField(callback.message.body, type, 'judge', 'x'.repeat(OVERSIZE));
  const checks: Check[] = [];
  for (const chunked of [false, true]) {
    const seen = await bench.send(callback, scheme, { signedBody: body, sentBody: body, chunked });
    const framing = chunked ? 'Transfer-Encoding: chunked' : 'Content-Length';
    checks.push(limited(`${name}, 16 MiB, ${framing}`, seen));
    checks.push(accepted('afterwards', await bench.send(callback, scheme), upload.namesKey));
  }
  return checks;
}

/** Stops a body halfway; started first and checked last. */
export async function endless(bench: Bench): Promise<readonly Check[]> {
  const { callback, scheme, name } = ownWay(await bench.next());
  const outgoing = bench.prepare(callback, scheme);
  const sending = bench.begin(outgoing);
  sending.write(outgoing.body.subarray(0, Math.floor(outgoing.body.length / 2)));
  return [ended(name, await sending.within(bench.stallLimit))];
}
