import type { Connectivity } from '../net/connectivity.js';
import type { KeptFiles } from '../resume/kept-files.js';
import { HoldControl } from '../net/hold-control.js';
import { DEFAULT_CONCURRENCY, type RequestGate } from '../net/request-gate.js';
import { ResumeKeeper } from '../resume/resume-keeper.js';
import type { ResumeRecords } from '../resume/resume-records.js';
import { TokenSource } from '../token/token-source.js';
import type { UploadTransport } from '../transport/transport.js';
import type { UploadSettings } from './upload-settings.js';

export interface UploadContextOptions {
  readonly transport: UploadTransport;
  readonly connectivity: Connectivity;
  readonly gate: RequestGate;
  readonly resumeRecords: ResumeRecords | undefined;
  readonly keptFiles: KeptFiles | undefined;
  /** Called when a hold of the queue begins, changes or ends. */
  readonly onHold: () => void;
}

/** The settings that uploads use, with defaults applied. */
type SettingsWithDefaults = ReturnType<typeof withDefaults>;

/** The state and services shared by all uploads of one queue. */
export class UploadContext {
  readonly transport: UploadTransport;
  readonly connectivity: Connectivity;
  readonly gate: RequestGate;
  readonly hold: HoldControl;
  readonly resume: ResumeKeeper;
  /** Bytes per second of the last upload that could be measured, including the wait for its response. */
  speed: number | undefined;
  readonly tokens: TokenSource;
  #settings = withDefaults({});

  constructor({ transport, connectivity, gate, resumeRecords, keptFiles, onHold }: UploadContextOptions) {
    this.transport = transport;
    this.connectivity = connectivity;
    this.gate = gate;
    this.hold = new HoldControl(onHold);
    this.resume = new ResumeKeeper({ records: resumeRecords, keptFiles });
    this.tokens = new TokenSource(this.hold);
  }

  get settings(): SettingsWithDefaults {
    return this.#settings;
  }

  /** Halves the concurrency after a rate limit of Kodo. */
  sendFewer(): void {
    this.gate.limit = Math.max(1, Math.floor(this.gate.limit / 2));
  }

  /** Raises a reduced concurrency by one after a file was stored. */
  sendMore(): void {
    this.gate.limit = Math.min(this.#settings.concurrency, this.gate.limit + 1);
  }

  /** Replaces all settings; running uploads apply them from their next step on. */
  configure(settings: UploadSettings): void {
    this.#settings = withDefaults(settings);
    const { tokenProvider, resume: isOn = true, resumeScope: scope = '' } = settings;
    this.resume.configure({ isOn, scope });
    this.tokens.use(tokenProvider);
  }
}

function withDefaults(settings: UploadSettings) {
  const { retries = 5, stallTimeout = 30_000, verify = true, providerTimeout = 60_000, upHosts = [] } = settings;
  const { concurrency = DEFAULT_CONCURRENCY, confirmProvider: confirm, region, domain } = settings;
  return { retries, stallTimeout, verify, providerTimeout, upHosts, concurrency, confirm, region, domain };
}
