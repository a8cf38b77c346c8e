/** One upload, as the page asks the sandbox to do it. */
export interface SdkUpload {
  readonly type: 'upload';
  readonly file: File;
  /** The name to send; the `File`'s own may differ. */
  readonly fname: string;
  readonly key: string | undefined;
  readonly token: string;
  /** Origin of the up host. */
  readonly host: string;
  /** Parts of one file in flight at once. */
  readonly concurrency: number;
}

/** What the page says to the sandbox. */
export type SandboxCommand =
  | SdkUpload
  /** A request that asked for a place has it. */
  | { readonly type: 'admit'; readonly request: number };

/** A failure as qiniu-js tells it, in cloneable form. */
export interface SdkFailure {
  readonly name: string;
  readonly message: string;
  /** HTTP status; 0 when the host could not be reached; absent when no request failed. */
  readonly status: number | undefined;
  readonly reqid: string | undefined;
  /** The parsed error body, where it was JSON. */
  readonly body: unknown;
}

/** What the sandbox says to the page. */
export type SandboxMessage =
  | { readonly type: 'ready' }
  /** A request waits for a place. */
  | { readonly type: 'request-waiting'; readonly request: number }
  /** A request that had a place has ended. */
  | { readonly type: 'request-ended'; readonly request: number }
  | { readonly type: 'progress'; readonly sentBytes: number }
  /** The last byte is out. */
  | { readonly type: 'sent' }
  | { readonly type: 'success'; readonly response: unknown }
  | { readonly type: 'failure'; readonly failure: SdkFailure };
