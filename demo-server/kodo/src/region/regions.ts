import type { IncomingMessage } from 'node:http';
import { KodoError } from '../kodo-error.js';
import type { BucketState } from '../store/bucket-store.js';
import { isServiceName, s3NameOf } from './service-names.js';

/** The request that a client reached Kodo with, and the address that it used. */
interface ClientRequest {
  readonly req: IncomingMessage;
  /** Kodo's own address, as the client sees it. */
  readonly origin: string;
}

/** Which of Kodo's ports serves what; without regions every port serves all of them. */
export class Regions {
  readonly #ports = new Map<string, number>();
  #acceleration: number | undefined;

  /** Says that a port serves a region, and no other. */
  set(region: string, port: number): void {
    this.#ports.set(region, port);
  }

  /** Says that a port is the acceleration host. */
  setAcceleration(port: number): void {
    this.#acceleration = port;
  }

  /** Whether regions have ports of their own. */
  get haveOwnPorts(): boolean {
    return this.#ports.size > 0;
  }

  portOf(region: string): number | undefined {
    return this.#ports.get(region);
  }

  /** Host and port that serve a region, as the client of this request can reach them. */
  hostOf(region: string, { origin }: Pick<ClientRequest, 'origin'>): string {
    const { host, hostname } = new URL(origin);
    const port = this.#ports.get(region);
    if (port !== undefined) return `${hostname}:${port}`;
    return this.#ports.size === 0 ? host : `up-${region}.qiniup.com`;
  }

  /**
   * The host for accelerated uploads to a bucket; nothing where it has none. Clients that reach Kodo by one of the
   * service's own names get the service's name for it.
   */
  accelerationHostOf(
    { name, region, accelerated }: BucketState,
    { origin }: Pick<ClientRequest, 'origin'>,
  ): string | undefined {
    const { hostname } = new URL(origin);
    if (!accelerated || this.#acceleration === undefined) return undefined;
    if (isServiceName(hostname)) return `${name}.kodo-accelerate.${s3NameOf(region)}.qiniucs.com`;
    return `${hostname}:${this.#acceleration}`;
  }

  /**
   * Checks that a bucket may be reached by the host of this request.
   *
   * @throws {KodoError} 400: the bucket has another region, or no acceleration
   */
  check(request: ClientRequest, bucket: BucketState): void {
    if (this.#isAcceleration(request.req)) {
      if (bucket.accelerated) return;
      throw new KodoError(400, 'transfer acceleration is not configured on this bucket');
    }
    const { name, region } = bucket;
    if (this.#ports.size === 0 || this.#ports.get(region) === request.req.socket.localPort) return;
    throw new KodoError(400, `incorrect region, please use ${this.hostOf(region, request)}, bucket is: ${name}`);
  }

  /** Whether a request came to the acceleration host, by its port or by a name such as the real ones have. */
  #isAcceleration({ socket, headers }: IncomingMessage): boolean {
    const isPort = this.#acceleration !== undefined && socket.localPort === this.#acceleration;
    return isPort || /\.kodo-accelerate\.[\w-]+\.qiniucs\.com(:\d+)?$/i.test(headers.host ?? '');
  }
}
