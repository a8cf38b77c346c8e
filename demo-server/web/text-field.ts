import { z } from 'zod';

/** Schema of a string without NUL characters, which PostgreSQL cannot store. */
export function textField(maxLength: number): z.ZodString {
  return z
    .string()
    .max(maxLength)
    .refine((text) => !text.includes('\0'), 'must not contain a NUL character');
}
