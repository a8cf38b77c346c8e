import { lookup } from 'node:dns';
import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';

/** A host that the local Kodo may not call; the message says how to allow it. */
export class HostRefused extends Error {
  override readonly name = 'HostRefused';

  constructor(host: string) {
    super(`the local Kodo calls this machine only; to allow ${host}, name it in callbackHosts (--callback-hosts)`);
  }
}

/**
 * All requests that the local Kodo makes: callbacks, notifications, and what it fetches. They go to loopback addresses,
 * and to the hosts that the option `callbackHosts` allows, so that a signed policy cannot make this machine call its
 * network.
 *
 * A name is judged by the address that the connection is made to, so a name cannot change its meaning in between.
 */
export class Outbound {
  readonly #allowed: readonly string[];
  readonly #agents: { readonly http: HttpAgent; readonly https: HttpsAgent };

  /** @param allowed host names, `*.example.com` for those below one, or `*` for all */
  constructor(allowed: readonly string[]) {
    this.#allowed = allowed.map((pattern) => pattern.toLowerCase());
    const options = { keepAlive: true, lookup: this.#lookup };
    this.#agents = { http: new HttpAgent(options), https: new HttpsAgent(options) };
  }

  /**
   * Begins a request.
   *
   * @param url an `http:` or `https:` address
   * @throws {HostRefused} for an address in figures; for a name the request fails with it
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
