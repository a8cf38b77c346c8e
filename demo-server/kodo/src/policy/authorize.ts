import type { Exchange } from '../exchange.js';
import { headerToken } from '../exchange.js';
import { KodoError } from '../kodo-error.js';
import type { PutPolicy } from './put-policy.js';
import { checkDeadline, HEADER_EXPIRY, verifyUploadToken } from './upload-token.js';

/**
 * Verifies a request's token: signature, deadline, bucket and region, in this order.
 *
 * @param wording the API's error text for an expired token
 * @throws {KodoError} 400, 401 or 631
 */
export function authorize(
  exchange: Exchange,
  token: string | undefined,
  wording: (seconds: number) => string,
): PutPolicy {
  const { services, effect, entry } = exchange;
  const policy = verifyUploadToken(services.keys, token);
  entry.bucket = policy.bucket;
  if (services.faults.isExpired(token ?? '', effect)) throw new KodoError(401, wording(1));
  checkDeadline(policy, services.now(), wording);
  services.regions.check(exchange, services.buckets.require(policy.bucket));
  return policy;
}

/** The same for APIs with the token in a header. */
export function authorizeHeader(exchange: Exchange): PutPolicy {
  return authorize(exchange, headerToken(exchange.req), HEADER_EXPIRY);
}
