/** See postgres.js. */
export function openPostgres(): Promise<{ readonly url: string; close(): Promise<void> } | undefined>;
export function hasPostgres(): boolean;
export function startPostgres(): Promise<OwnPostgres | undefined>;

export interface OwnPostgres {
  readonly url: string;
  /** Runs a statement on a separate connection and returns its rows as text. */
  query(sql: string): Promise<string>;
  /** Closes all connections and stops the server, as a restart by an administrator does. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Suspends all its processes: connections stay open, but get no responses. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  close(): Promise<void>;
}
