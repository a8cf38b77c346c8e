import type { IncomingMessage } from 'node:http';
import { KodoError } from '../kodo-error.js';
import type { BucketState } from '../store/bucket-store.js';
import { isServiceName, s3NameOf } from './service-names.js';

/** A client's request, and the address that it used. */
interface ClientRequest {
  readonly req: IncomingMessage;
  /** Kodo's own origin, as the client sees it. */
  readonly origin: string;
}

/** Maps regions to ports; without regions, every port serves all buckets. */
export class Regions {
  readonly #ports = new Map<string, number>();
  #acceleration: number | undefined;

  /** Assigns a port to a region. */
  set(region: string, port: number): void {
    this.#ports.set(region, port);
  }

  /** Assigns a port to the acceleration host. */
  setAcceleration(port: number): void {
    this.#acceleration = port;
  }

  /** Whether regions have their own ports. */
  get haveOwnPorts(): boolean {
    return this.#ports.size > 0;
  }

  portOf(region: string): number | undefined {
    return this.#ports.get(region);
  }

  /** Host and port that serve a region, as reachable by the client of this request. */
  hostOf(region: string, { origin }: Pick<ClientRequest, 'origin'>): string {
    const { host, hostname } = new URL(origin);
    const port = this.#ports.get(region);
    if (port !== undefined) return `${hostname}:${port}`;
    return this.#ports.size === 0 ? host : `up-${region}.qiniup.com`;
  }

  /**
   * The host for accelerated uploads to a bucket; `undefined` if it has none. Clients that reach Kodo by one of the
   * service's own names get the service's name for the host.
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
   * Checks that the host of this request serves a bucket.
   *
   * @throws {KodoError} 400 if the bucket is in another region or is not accelerated
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

  /** Whether a request came to the acceleration host, by its port or by a name in the service's format. */
  #isAcceleration({ socket, headers }: IncomingMessage): boolean {
    const isPort = this.#acceleration !== undefined && socket.localPort === this.#acceleration;
    return isPort || /\.kodo-accelerate\.[\w-]+\.qiniucs\.com(:\d+)?$/i.test(headers.host ?? '');
  }
}
