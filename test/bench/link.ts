import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface LinkOptions {
  /** Megabits a second from the client to the server, shared by all connections. */
  readonly megabits: number;
  /** Milliseconds there and back. */
  readonly roundTrip: number;
}

/** Bytes that one connection may have under way before its sender has to wait. */
const WINDOW = 512 * 1024;

/** Opens a way to a port of this machine that is as slow and as long as a real one; gives its own port. */
export function openLink(target: number, { megabits, roundTrip }: LinkOptions): Promise<number> {
  const bytesPerMs = (megabits * 1e6) / 8 / 1000;
  const oneWay = roundTrip / 2;
  let lineFreeAt = 0;

  const carry = (client: Socket): void => {
    const server = connect(target, '127.0.0.1');
    // A connection costs a round trip before its first byte: here it stands at once, so the byte waits for it.
    const openAt = performance.now() + roundTrip;
    let underWay = 0;
    client.setNoDelay(true);
    server.setNoDelay(true);
    const sendUp = inOrder((chunk) => {
      underWay -= chunk.length;
      if (underWay <= WINDOW) client.resume();
      if (!server.destroyed) server.write(chunk);
    });
    const sendDown = inOrder((chunk) => void (client.destroyed || client.write(chunk)));
    client.on('data', (chunk: Buffer) => {
      underWay += chunk.length;
      if (underWay > WINDOW) client.pause();
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

/** Hands chunks on when their time has come, one after the other: timers of their own could overtake each other. */
function inOrder(handOn: (chunk: Buffer) => void): (chunk: Buffer, at: number) => void {
  const waiting: { readonly chunk: Buffer; readonly at: number }[] = [];
  let isSet = false;
  const next = (): void => {
    isSet = false;
    for (let first = waiting[0]; first !== undefined && first.at <= performance.now(); first = waiting[0]) {
      waiting.shift();
      handOn(first.chunk);
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
