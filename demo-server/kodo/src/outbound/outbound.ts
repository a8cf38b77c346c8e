import { lookup } from 'node:dns';
import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';

/** A host that the local Kodo is not allowed to call; the message says how to allow it. */
export class HostRefused extends Error {
  override readonly name = 'HostRefused';

  constructor(host: string) {
    super(`the local Kodo calls this machine only; to allow ${host}, add it to callbackHosts (--callback-hosts)`);
  }
}

/**
 * All requests that the local Kodo sends: callbacks, notifications and fetches. They are limited to loopback
 * addresses and the hosts in the `callbackHosts` option, so that a signed policy cannot make this machine call hosts
 * on its network.
 *
 * A name is checked by the address that the connection uses, so it cannot resolve differently after the check.
 */
export class Outbound {
  readonly #allowed: readonly string[];
  readonly #agents: { readonly http: HttpAgent; readonly https: HttpsAgent };

  /** @param allowed host names, `*.example.com` for subdomains, or `*` for all */
  constructor(allowed: readonly string[]) {
    this.#allowed = allowed.map((pattern) => pattern.toLowerCase());
    const options = { keepAlive: true, lookup: this.#lookup };
    this.#agents = { http: new HttpAgent(options), https: new HttpsAgent(options) };
  }

  /**
   * Starts a request.
   *
   * @param url an `http:` or `https:` address
   * @throws {HostRefused} for an IP address; for a host name, the request fails with this error
   */
  request(url: URL, options: RequestOptions): ClientRequest {
    const { hostname, protocol } = url;
    const address = hostname.replace(/^\[|\]$/g, '');
    if (isIP(address) !== 0 && !isLoopback(address) && !this.#isAllowed(hostname)) throw new HostRefused(hostname);
    return protocol === 'https:'
      ? httpsRequest(url, { ...options, agent: this.#agents.https })
      : httpRequest(url, { ...options, agent: this.#agents.http });
  }

  /** Closes idle connections. */
  close(): void {
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }

  readonly #lookup: LookupFunction = (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const reachable = this.#isAllowed(hostname) ? addresses : addresses.filter(({ address }) => isLoopback(address));
      const [first] = reachable;
      if (first === undefined) callback(new HostRefused(hostname), []);
      else if (options.all === true) callback(null, reachable);
      else callback(null, first.address, first.family);
    });
  };

  #isAllowed(hostname: string): boolean {
    const name = hostname.toLowerCase();
    return this.#allowed.some(
      (pattern) => pattern === '*' || pattern === name || (pattern.startsWith('*.') && name.endsWith(pattern.slice(1))),
    );
  }
}

function isLoopback(address: string): boolean {
  return /^(::ffff:)?127(\.\d{1,3}){3}$/i.test(address) || address === '::1';
}
