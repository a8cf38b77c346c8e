import { z } from 'zod';

/** Finishes a waiting job: `{id, state}`, where `done` runs its commands and `failed` does not. */
const ORDER = z.strictObject({ id: z.string(), state: z.enum(['done', 'failed']) });

export type JobOrder = z.infer<typeof ORDER>;

/** Validates an order from JSON. @throws {TypeError} naming the invalid field */
export function readJobOrder(value: unknown): JobOrder {
  const read = ORDER.safeParse(value);
  if (read.success) return read.data;
  const reasons = read.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));
  throw new TypeError(`no such order: ${reasons.join('; ')}`);
}
