import { createServer, connect, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

export interface Relay {
  /** What to use in the place of the address that is relayed to. */
  readonly origin: string;
  /** Bytes that have come in from clients. */
  readonly taken: number;
  /** From now on nothing is passed on any more, and nothing is read. */
  die(): void;
  close(): Promise<void>;
}

/**
 * A relay on the way to a server that takes whatever a client sends at once, as a virus scanner or a buffering proxy
 * does, and passes it on slowly: all connections share `bytesPerSecond`. Answers come back undelayed.
 */
export async function startRelay(target: string, bytesPerSecond: number): Promise<Relay> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const waiting: { readonly to: Socket; chunk: Buffer }[] = [];
  let taken = 0;
  let isDead = false;
  let credit = 0;
  let paidAt = performance.now();
  const pump = setInterval(() => {
    const now = performance.now();
    credit = Math.min(bytesPerSecond / 4, credit + ((now - paidAt) / 1000) * bytesPerSecond);
    paidAt = now;
    while (!isDead && credit >= 1 && waiting.length > 0) {
      const first = waiting[0];
      if (first === undefined) break;
      const piece = first.chunk.subarray(0, Math.floor(credit));
      if (!first.to.destroyed) first.to.write(piece);
      credit -= piece.length;
      first.chunk = first.chunk.subarray(piece.length);
      if (first.chunk.length === 0) waiting.shift();
    }
  }, 10);
  const server: Server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
      socket.on('error', () => socket.destroy());
    }
    client.on('data', (chunk: Buffer) => {
      taken += chunk.length;
      // A short piece is a preflight or a header: it does not stand behind the bodies of others.
      if (chunk.length < 2000 && !waiting.some(({ to }) => to === upstream)) upstream.write(chunk);
      else waiting.push({ to: upstream, chunk });
    });
    upstream.pipe(client);
    if (isDead) client.pause();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: ownPort } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${ownPort}`,
    get taken() {
      return taken;
    },
    die() {
      isDead = true;
      for (const socket of sockets) {
        socket.unpipe();
        socket.pause();
      }
    },
    async close() {
      clearInterval(pump);
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
