import type { Connectivity } from './connectivity.js';
import { readHandle, type KeptFiles } from './kept-files.js';
import type { RequestGate } from './request-gate.js';
import { ResumeKeeper, type UnfinishedUpload } from './resume-keeper.js';
import type { ResumeRecords } from './resume-records.js';
import { TokenCell } from './token-cell.js';
import type { TokenProvider } from './token-endpoint.js';
import { noTokenSource, TokenSource } from './token-source.js';
import type { UploadTransport } from './transport.js';
import { runUpload, type UploadRun, type UploadSurroundings } from './upload-attempts.js';
import type { UploadItem } from './upload-item.js';
import { UploadSession } from './upload-session.js';
import type { UploadQueueSettings } from './upload-queue-settings.js';

export interface UploadEngineOptions {
  readonly transport: UploadTransport;
  readonly connectivity: Connectivity;
  readonly gate: RequestGate;
  readonly resumeRecords: ResumeRecords | undefined;
  readonly keptFiles: KeptFiles | undefined;
  /** The queue's settings as they are when they are asked for. */
  readonly settings: () => UploadQueueSettings;
}

const NO_TOKENS = { get: noTokenSource, forget: (): void => undefined };

/** Runs the uploads of one queue, and keeps what is needed of them between attempts, pauses, retries and visits. */
export class UploadEngine {
  readonly #options: UploadEngineOptions;
  readonly #resume: ResumeKeeper;
  readonly #sessions = new Map<string, UploadSession>();
  #tokens: { readonly provider: TokenProvider; readonly source: TokenSource } | undefined;
  /** Bytes per second, as measured last. */
  #speed: number | undefined;

  constructor(options: UploadEngineOptions) {
    this.#options = options;
    this.#resume = new ResumeKeeper({ records: options.resumeRecords, keptFiles: options.keptFiles });
  }

  /** Runs one upload to its end. @throws the signal's reason when it is aborted */
  async run(run: Omit<UploadRun, 'session' | 'surroundings'>): Promise<void> {
    const { file, signal, report } = run;
    const session = this.#sessions.get(file.id) ?? new UploadSession();
    this.#sessions.set(file.id, session);
    const surroundings = this.#surroundings();
    await runUpload({
      ...run,
      session,
      surroundings,
      report: (state) => {
        if (state.status === 'done' && !signal.aborted) this.#sessions.delete(file.id);
        report(state);
      },
    });
  }

  /** Forgets a file's upload, and lets Kodo forget its parts. */
  abandon(item: UploadItem): void {
    const session = this.#sessions.get(item.id);
    this.#sessions.delete(item.id);
    if (item.status === 'rejected') return;
    this.#keeper.forget(item);
    const { grant, stored, host } = session ?? {};
    if (grant === undefined || stored === undefined || host === undefined) return;
    const { policy, key } = grant;
    void this.#options.transport.abandon({ token: new TokenCell(grant.token), policy, key, host, stored });
  }

  /** What earlier visits left unfinished. */
  unfinished(): Promise<readonly UnfinishedUpload[]> {
    return this.#keeper.unfinished();
  }

  /** The file that a handle leads to, or nothing where it is gone or the visitor does not allow it to be read. */
  reopen(handle: FileSystemFileHandle): Promise<File | undefined> {
    return readHandle(handle);
  }

  get #keeper(): ResumeKeeper {
    const { resume = true, resumeScope = '' } = this.#options.settings();
    this.#resume.configure({ isOn: resume, scope: resumeScope });
    return this.#resume;
  }

  #tokensOf(provider: TokenProvider | undefined): UploadSurroundings['tokens'] {
    if (provider === undefined) return NO_TOKENS;
    if (this.#tokens?.provider !== provider) this.#tokens = { provider, source: new TokenSource(provider) };
    return this.#tokens.source;
  }

  #surroundings(): UploadSurroundings {
    const { transport, connectivity, gate, settings } = this.#options;
    const { tokenProvider, confirmProvider, upHosts = [], region, domain } = settings();
    const { retries = 5, stallTimeout = 30_000, verify = true } = settings();
    return {
      tokens: this.#tokensOf(tokenProvider),
      confirm: confirmProvider,
      transport,
      gate,
      connectivity,
      hosts: upHosts,
      region,
      domain,
      lease: (request) => this.#keeper.lease(request),
      retries,
      stallTimeout,
      verify,
      speed: () => this.#speed,
      onSpeed: (bytesPerSecond) => (this.#speed = bytesPerSecond),
      onRateLimited: () => (gate.limit = Math.max(1, Math.floor(gate.limit / 2))),
    };
  }
}
