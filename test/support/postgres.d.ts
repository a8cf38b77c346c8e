/** See postgres.js. */
export function openPostgres(): Promise<{ readonly url: string; close(): Promise<void> } | undefined>;
