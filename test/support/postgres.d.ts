/** See postgres.js. */
export function openPostgres(): Promise<{ readonly url: string; close(): Promise<void> } | undefined>;
export function hasPostgres(): boolean;
export function startPostgres(): Promise<OwnPostgres | undefined>;

export interface OwnPostgres {
  readonly url: string;
  /** Runs a statement on a connection of its own, and answers its rows as text. */
  query(sql: string): Promise<string>;
  /** Ends connections and server, as an administrator's restart does. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Stops all its processes where they are: connections stay open, and nothing is answered. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  close(): Promise<void>;
}
