import type { UploadTransport } from '../transport/transport.js';
import { UploadError } from '../items/upload-error.js';
import type { UploadGrant } from '../token/token-grant.js';

/** Where hosts come from when the token route names none. */
export interface HostSources {
  readonly upHosts: readonly string[];
  readonly region: string | undefined;
  readonly transport: Pick<UploadTransport, 'findHosts'>;
}

/** The up hosts of one upload, and which of them were tried since something came through. */
export class HostList {
  #hosts: readonly string[] = [];
  #index = 0;
  #tried = 1;

  get hasOther(): boolean {
    return this.#tried < this.#hosts.length;
  }

  /** The host to use: the one in use while it is named, else the first. */
  async choose(
    grant: UploadGrant,
    { upHosts, region, transport }: HostSources,
    current: string | undefined,
  ): Promise<string> {
    const named = grant.hosts.length > 0 ? grant.hosts : upHosts;
    if (this.#hosts.length === 0)
      this.#hosts = named.length > 0 ? named : await transport.findHosts(grant.policy, region);
    if (current !== undefined && this.#hosts.includes(current)) return this.use(current);
    const host = this.#hosts[this.#index];
    if (host === undefined)
      throw new UploadError(
        'region-unknown',
        'No up host of the bucket is known. Name one in the token answer, in upHosts or by region.',
      );
    return host;
  }

  /** Goes on to the next host of the list. */
  next(): string | undefined {
    this.#index = this.#hosts.length === 0 ? 0 : (this.#index + 1) % this.#hosts.length;
    this.#tried += 1;
    return this.#hosts[this.#index];
  }

  /** Goes on at this host, of the list or not. */
  use(host: string): string {
    if (!this.#hosts.includes(host)) this.#hosts = [host, ...this.#hosts];
    this.#index = this.#hosts.indexOf(host);
    return host;
  }

  /** Something came through, or all hosts had their turn. */
  freshen(): void {
    this.#tried = 1;
  }
}
