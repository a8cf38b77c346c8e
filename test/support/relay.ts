import { createServer, connect, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

export interface Relay {
  /** Origin to use instead of the target. */
  readonly origin: string;
  /** Bytes received from clients. */
  readonly taken: number;
  /** Stops forwarding and reading. Connections stay open. */
  die(): void;
  close(): Promise<void>;
}

/**
 * Starts a relay that accepts data from clients at full speed, as a virus scanner or a buffering proxy does, and
 * forwards it slowly: all connections share `bytesPerSecond`. Responses are not delayed.
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
      // A short chunk is a preflight or a header: it does not wait for the bodies of other connections.
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
