import { z } from 'zod';

/** Ends a job that waits: `{id, state}`, where `done` carries its commands out and `failed` does not. */
const ORDER = z.strictObject({ id: z.string(), state: z.enum(['done', 'failed']) });

export type JobOrder = z.infer<typeof ORDER>;

/** Reads what was sent as an order. @throws {TypeError} naming the field that is wrong */
export function readJobOrder(value: unknown): JobOrder {
  const read = ORDER.safeParse(value);
  if (read.success) return read.data;
  const reasons = read.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));
  throw new TypeError(`no such order: ${reasons.join('; ')}`);
}
