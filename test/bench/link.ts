import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface LinkOptions {
  /** Megabits per second from the client to the server, shared by all connections. */
  readonly megabits: number;
  /** Round-trip time in milliseconds. */
  readonly roundTrip: number;
}

/** Maximum number of bytes in flight on a connection before its sender has to wait. */
const WINDOW = 512 * 1024;

/** Simulates a link with limited bandwidth and latency to a local port. @returns the port to connect to */
export function openLink(target: number, { megabits, roundTrip }: LinkOptions): Promise<number> {
  const bytesPerMs = (megabits * 1e6) / 8 / 1000;
  const oneWay = roundTrip / 2;
  let lineFreeAt = 0;

  const carry = (client: Socket): void => {
    const server = connect(target, '127.0.0.1');
    // A real connection needs a round trip before its first byte. The local one opens immediately, so delay that byte.
    const openAt = performance.now() + roundTrip;
    let inFlight = 0;
    client.setNoDelay(true);
    server.setNoDelay(true);
    const sendUp = inOrder((chunk) => {
      inFlight -= chunk.length;
      if (inFlight <= WINDOW) client.resume();
      if (!server.destroyed) server.write(chunk);
    });
    const sendDown = inOrder((chunk) => void (client.destroyed || client.write(chunk)));
    client.on('data', (chunk: Buffer) => {
      inFlight += chunk.length;
      if (inFlight > WINDOW) client.pause();
      lineFreeAt = Math.max(lineFreeAt, performance.now(), openAt) + chunk.length / bytesPerMs;
      sendUp(chunk, lineFreeAt + oneWay);
    });
    server.on('data', (chunk: Buffer) => sendDown(chunk, performance.now() + oneWay));
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.on('error', () => undefined);
      from.on('close', () => setTimeout(() => to.destroy(), roundTrip));
    }
  };

  return new Promise((resolve) => {
    const listener = createServer(carry).listen(0, '127.0.0.1', () => {
      resolve((listener.address() as AddressInfo).port);
    });
  });
}

/** Delivers chunks in order, each when it is due. With a timer for each chunk, timers could overtake each other. */
function inOrder(deliver: (chunk: Buffer) => void): (chunk: Buffer, at: number) => void {
  const waiting: { readonly chunk: Buffer; readonly at: number }[] = [];
  let isSet = false;
  const next = (): void => {
    isSet = false;
    for (let first = waiting[0]; first !== undefined && first.at <= performance.now(); first = waiting[0]) {
      waiting.shift();
      deliver(first.chunk);
    }
    set();
  };
  const set = (): void => {
    const [first] = waiting;
    if (isSet || first === undefined) return;
    isSet = true;
    setTimeout(next, Math.max(0, first.at - performance.now()));
  };
  return (chunk, at) => {
    waiting.push({ chunk, at });
    set();
  };
}
