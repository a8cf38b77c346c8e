import type { Request, RequestHandler, Response } from 'express';
import ipaddr from 'ipaddr.js';
import {
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRes,
  type RateLimiterAbstract,
} from 'rate-limiter-flexible';
import type { ResilientPostgresPool } from '../database/postgres-pool.js';
import { HttpError } from './http-error.js';
import { endUserOf } from './session.js';

/** Seconds over which requests are counted. */
const WINDOW = 60;

/** How many users may share one address, e.g. behind an office's router. */
const USERS_PER_ADDRESS = 5;

export interface LimitOptions {
  /** What is counted, e.g. `token`: each name has counters of its own. */
  readonly name: string;
  /** Requests of one user in a minute; five times as many of one address. */
  readonly perMinute: number;
  /** Where the counters are, so that all instances share them; absent: in this process. */
  readonly postgres: ResilientPostgresPool | undefined;
}

/** Refuses with 429 and `Retry-After` who asks too often, counted by user and by address. */
export function limitRequests({ name, perMinute, postgres }: LimitOptions): RequestHandler {
  const limiter = (by: string, points: number): Limiter => {
    const options = { points, duration: WINDOW, keyPrefix: `${name}-${by}` };
    return new Limiter(
      postgres === undefined
        ? new RateLimiterMemory(options)
        : new RateLimiterPostgres({
            ...options,
            storeClient: postgres,
            storeType: 'pool',
            tableName: 'request_limits',
            tableCreated: true,
            clearExpiredByTimeout: false, // the sweeper does it
          }),
      points,
    );
  };
  const byUser = limiter('user', perMinute);
  const byAddress = limiter('address', perMinute * USERS_PER_ADDRESS);
  return async (req: Request, res: Response, next) => {
    const waits = await Promise.all([byAddress.take(addressOf(req)), byUser.take(endUserOf(res))]);
    const retryAfter = Math.max(...waits);
    if (retryAfter > 0) {
      throw new HttpError(429, 'too-many-requests', 'Too many requests. Wait a minute.', { retryAfter });
    }
    next();
  };
}

/** Who may have an address of its own: an IPv6 customer has a whole network of them. */
export function addressOf({ ip = '' }: Pick<Request, 'ip'>): string {
  if (!ipaddr.isValid(ip)) return ip;
  const address = ipaddr.process(ip);
  if (address.kind() === 'ipv4') return address.toString();
  const network = ipaddr.IPv6.networkAddressFromCIDR(`${address.toString()}/56`);
  return network.toString();
}

interface Waiting {
  readonly resolve: (retryAfter: number) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Counts requests by key. While the database counts one of a key, further ones of that key gather and are then counted
 * together: a burst costs a few statements, and the count stays exact.
 */
class Limiter {
  readonly #counter: RateLimiterAbstract;
  readonly #points: number;
  /** Of each key that is being counted: who came meanwhile. */
  readonly #gathering = new Map<string, Waiting[]>();

  constructor(counter: RateLimiterAbstract, points: number) {
    this.#counter = counter;
    this.#points = points;
  }

  /** @returns seconds to wait; 0 when the request is allowed */
  take(key: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const waiting = { resolve, reject };
      const gathering = this.#gathering.get(key);
      if (gathering === undefined) void this.#count(key, [waiting]);
      else gathering.push(waiting);
    });
  }

  async #count(key: string, first: readonly Waiting[]): Promise<void> {
    let batch = first;
    while (batch.length > 0) {
      this.#gathering.set(key, []);
      await this.#countTogether(key, batch);
      batch = this.#gathering.get(key) ?? [];
    }
    this.#gathering.delete(key);
  }

  async #countTogether(key: string, batch: readonly Waiting[]): Promise<void> {
    try {
      const { consumedPoints, msBeforeNext } = await this.#consume(key, batch.length);
      const before = consumedPoints - batch.length;
      const retryAfter = Math.max(1, Math.ceil(msBeforeNext / 1000));
      for (const [index, { resolve }] of batch.entries()) resolve(before + index < this.#points ? 0 : retryAfter);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  /** The library resolves or rejects with the same result, and rejects with an error when the database fails. */
  async #consume(key: string, points: number): Promise<RateLimiterRes> {
    try {
      return await this.#counter.consume(key, points);
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) return refusal;
      throw refusal;
    }
  }
}
