import type { UploadTransport } from '../transport/transport.js';
import { UploadError } from '../items/upload-error.js';
import type { UploadGrant } from '../token/token-grant.js';

/** Sources of up hosts, used if the token response has no `hosts`. */
export interface HostSources {
  readonly upHosts: readonly string[];
  readonly region: string | undefined;
  readonly transport: Pick<UploadTransport, 'findHosts'>;
}

/** The up hosts of one upload, and how many of them were tried since the last progress. */
export class HostList {
  #hosts: readonly string[] = [];
  #index = 0;
  #tried = 1;

  /** Whether there is a host that was not tried since the last progress. */
  get hasOther(): boolean {
    return this.#tried < this.#hosts.length;
  }

  /**
   * Returns the host to use: the current one if it is in the list, else the list's current entry.
   *
   * @throws {UploadError} `region-unknown`, `bucket-missing` or `network`
   */
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
        "The bucket's up hosts are unknown. Set hosts in the token response, upHosts or region.",
      );
    return host;
  }

  /** Switches to the next host in the list. */
  next(): string | undefined {
    this.#index = this.#hosts.length === 0 ? 0 : (this.#index + 1) % this.#hosts.length;
    this.#tried += 1;
    return this.#hosts[this.#index];
  }

  /** Switches to this host; adds it if it is not in the list. */
  use(host: string): string {
    if (!this.#hosts.includes(host)) this.#hosts = [host, ...this.#hosts];
    this.#index = this.#hosts.indexOf(host);
    return host;
  }

  /** Marks all other hosts as untried: after progress, or before a back-off. */
  resetTried(): void {
    this.#tried = 1;
  }
}
