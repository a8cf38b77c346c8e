/**
 * Runs SQLite statements in a separate thread, so that a locked or slow database never blocks the event loop that
 * serves requests. Receives `{id, sql, parameters}` and responds with `{id, rows, changes}` or `{id, error}`.
 * `{close: true}` closes the database and ends the thread.
 *
 * A plain script, because Node 20 does not run TypeScript in a worker.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { DatabaseSync } from '@photostructure/sqlite';

/** Maximum number of cached prepared statements. The server uses about twenty. */
const MAX_PREPARED = 100;

/** https://sqlite.org/rescode.html: the primary code is in the low eight bits. */
const [ERROR, BUSY, LOCKED, CONSTRAINT, MISMATCH, MISUSE, RANGE] = [1, 5, 6, 19, 20, 21, 25];
/** Errors after which the connection is still usable. After any other error it is reopened. */
const HARMLESS = new Set([ERROR, BUSY, LOCKED, CONSTRAINT, MISMATCH, MISUSE, RANGE]);

/** @type {DatabaseSync | undefined} */
let database;
/** @type {Map<string, { statement: import('@photostructure/sqlite').StatementSync, returnsRows: boolean }>} */
const prepared = new Map();
/** Whether a transaction was begun explicitly. Otherwise SQLite must not be in a transaction between two statements. */
let inTransaction = false;

function open() {
  // No busy timeout: it would block statements that only read. The caller retries instead.
  const opened = new DatabaseSync(workerData.file, { timeout: 0 });
  try {
    // With a write-ahead log, readers and the writer do not block each other. `full` syncs it at each commit, so that
    // committed data survives a power failure.
    opened.exec('pragma journal_mode = wal; pragma synchronous = full');
    return opened;
  } catch (error) {
    opened.close();
    throw error;
  }
}

function close() {
  prepared.clear();
  inTransaction = false;
  const closing = database;
  database = undefined;
  closing?.close();
}

function prepare(sql) {
  const known = prepared.get(sql);
  if (known !== undefined) return known;
  const statement = database.prepare(sql);
  const entry = { statement, returnsRows: statement.columns().length > 0 };
  if (prepared.size >= MAX_PREPARED) prepared.clear();
  prepared.set(sql, entry);
  return entry;
}

function run(sql, parameters) {
  database ??= open();
  const { statement, returnsRows } = prepare(sql);
  const result = returnsRows
    ? { rows: statement.all(...parameters), changes: undefined }
    : { rows: [], changes: Number(statement.run(...parameters).changes) };
  if (/^\s*begin\b/i.test(sql)) inTransaction = true;
  else if (/^\s*(commit|rollback)\b/i.test(sql)) inTransaction = false;
  if (database.isTransaction !== inTransaction) throw new Error('SQLite is in an unexpected transaction state.');
  return result;
}

/** Errors of `all()` have no SQLite code, only a message. */
function codeOf(error) {
  if (typeof error.errcode === 'number') return error.errcode & 0xff;
  const { message } = error;
  if (/is locked/.test(message)) return BUSY;
  if (/constraint failed/.test(message)) return CONSTRAINT;
  return undefined;
}

parentPort.on('message', ({ id, sql, parameters, close: isClosing }) => {
  if (isClosing === true) {
    close();
    parentPort.close();
    return;
  }
  try {
    parentPort.postMessage({ id, ...run(sql, parameters) });
  } catch (error) {
    const code = codeOf(error);
    try {
      if (!HARMLESS.has(code) || (database !== undefined && database.isTransaction !== inTransaction)) close();
    } finally {
      parentPort.postMessage({
        id,
        error: {
          message: error.message,
          code,
          isBusy: code === BUSY || code === LOCKED,
          isHarmless: HARMLESS.has(code),
        },
      });
    }
  }
});
