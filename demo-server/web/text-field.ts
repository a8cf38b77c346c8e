import { z } from 'zod';

/** Text that any database can hold: PostgreSQL has no NUL character. */
export function textField(maxLength: number): z.ZodString {
  return z
    .string()
    .max(maxLength)
    .refine((text) => !text.includes('\0'), 'must not contain a NUL character');
}
