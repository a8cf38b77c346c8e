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

/** Length of the time window in seconds. */
const WINDOW = 60;

/** Number of users that may share one IP address, e.g. behind an office router. */
const USERS_PER_ADDRESS = 5;

export interface LimitOptions {
  /** Name of the limit, e.g. `token`. Each name has separate counters. */
  readonly name: string;
  /** Maximum number of requests per user and minute; five times as many per IP address. */
  readonly perMinute: number;
  /** Database with counters that all instances share. If absent, this process counts for itself. */
  readonly postgres: ResilientPostgresPool | undefined;
}

/** Limits requests per user and per IP address. Responds with 429 and `Retry-After` above the limit. */
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
            clearExpiredByTimeout: false, // done by the sweeper
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
      throw new HttpError(429, 'too-many-requests', 'Too many requests. Try again in a minute.', { retryAfter });
    }
    next();
  };
}

/** Returns the key for limits by IP address. IPv6 customers have a whole network, so addresses are grouped by /56. */
export function addressOf({ ip = '' }: Pick<Request, 'ip'>): string {
  if (!ipaddr.isValid(ip)) return ip;
  const address = ipaddr.process(ip);
  if (address.kind() === 'ipv4') return address.toString();
  const network = ipaddr.IPv6.networkAddressFromCIDR(`${address.toString()}/56`);
  return network.toString();
}

interface PendingRequest {
  readonly resolve: (retryAfter: number) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Counts requests by key. Requests that arrive while the database counts others with the same key are collected and
 * then counted together, so that a burst takes only a few statements and the count stays exact.
 */
class Limiter {
  readonly #counter: RateLimiterAbstract;
  readonly #points: number;
  /** Requests that arrived during a database call, by key. */
  readonly #pending = new Map<string, PendingRequest[]>();

  constructor(counter: RateLimiterAbstract, points: number) {
    this.#counter = counter;
    this.#points = points;
  }

  /**
   * Counts a request.
   *
   * @returns seconds to wait, or 0 if the request is allowed
   */
  take(key: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const request = { resolve, reject };
      const pending = this.#pending.get(key);
      if (pending === undefined) void this.#count(key, [request]);
      else pending.push(request);
    });
  }

  async #count(key: string, first: readonly PendingRequest[]): Promise<void> {
    let batch = first;
    while (batch.length > 0) {
      this.#pending.set(key, []);
      await this.#countTogether(key, batch);
      batch = this.#pending.get(key) ?? [];
    }
    this.#pending.delete(key);
  }

  async #countTogether(key: string, batch: readonly PendingRequest[]): Promise<void> {
    try {
      const { consumedPoints, msBeforeNext } = await this.#consume(key, batch.length);
      const before = consumedPoints - batch.length;
      const retryAfter = Math.max(1, Math.ceil(msBeforeNext / 1000));
      for (const [index, { resolve }] of batch.entries()) resolve(before + index < this.#points ? 0 : retryAfter);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  /** Above the limit the library rejects with the same kind of result; any other rejection is a database error. */
  async #consume(key: string, points: number): Promise<RateLimiterRes> {
    try {
      return await this.#counter.consume(key, points);
    } catch (reason) {
      if (reason instanceof RateLimiterRes) return reason;
      throw reason;
    }
  }
}
