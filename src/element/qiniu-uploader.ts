import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import { ifDefined } from 'lit/directives/if-defined.js';
import type { ConfirmProvider } from '../core/token/confirm-endpoint.js';
import type { ServerCredentials } from '../core/net/ask-server.js';
import type { CompressSettings } from '../core/files/images/image-rules.js';
import type { TokenHeaders } from '../core/token/token-endpoint.js';
import type { TokenProvider } from '../core/token/token-provider.js';
import type { UploadEventMap } from '../core/items/upload-events.js';
import type { UploadItem } from '../core/items/upload-item.js';
import type { UploadQueue } from '../core/queue/upload-queue.js';
import type { BeforeUpload, FileValidator } from '../core/files/check-settings.js';
import type { FileEntry, StoredFile } from '../core/items/file-entry.js';
import { warnOnce } from '../core/shared/warn-once.js';
import { formatSize } from '../i18n/format-size.js';
import { loadMessages } from '../i18n/load-messages.js';
import type { Messages } from '../i18n/messages.js';
import type { ShellMessages } from '../i18n/shell-messages.js';
import { readCount, readSize, removeSecret, SECRET_ATTRIBUTES } from './attributes.js';
import { CustomStates } from './custom-states.js';
import { DropController } from './drop-controller.js';
import { FormControl, type FormProblem } from './form-control.js';
import { iconView, UPLOAD_ICON } from './icon-view.js';
import { LanguageController } from './language-controller.js';
import type { ItemTemplate } from './panel/item-view.js';
import type { Panel, Selection } from './panel/panel.js';
import { pickerAccept } from './picker-accept.js';
import { styles } from './qiniu-uploader.styles.js';
import type { UploaderSettings } from './uploader-settings.js';

/** All events of the element, including native ones. */
export type QiniuUploaderEventMap = HTMLElementEventMap & UploadEventMap;

export interface QiniuUploader {
  addEventListener<N extends keyof QiniuUploaderEventMap>(
    type: N,
    listener: (this: QiniuUploader, event: QiniuUploaderEventMap[N]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<N extends keyof QiniuUploaderEventMap>(
    type: N,
    listener: (this: QiniuUploader, event: QiniuUploaderEventMap[N]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | EventListenerOptions,
  ): void;
}

/**
 * Uploads files from the browser directly to Qiniu Cloud Kodo, with tokens issued by the page's own server.
 *
 * @element qiniu-uploader
 *
 * @fires {CustomEvent<{ item: UploadItem }>} file-add - A file is about to be added. Cancelable: `preventDefault()`
 *   skips the file.
 * @fires {CustomEvent<{ item: UploadItem, reason: RejectReason }>} file-reject - A file was rejected by a rule. It stays
 *   in the list with the reason.
 * @fires {CustomEvent<{ item: UploadItem }>} file-remove - A file was removed from the list.
 * @fires {CustomEvent<{ item: UploadItem }>} upload-start - An upload has its token and starts sending.
 * @fires {CustomEvent<{ item: UploadItem, sentBytes: number, percent: number }>} upload-progress - Bytes were sent.
 *   Fires at most once per frame and file.
 * @fires {CustomEvent<{ item: UploadItem, request: SentRequest }>} upload-request - A request to Kodo has ended.
 *   `detail.request` contains no secrets.
 * @fires {CustomEvent<{ item: UploadItem, reason: WaitReason }>} upload-wait - An upload is waiting and resumes
 *   automatically.
 * @fires {CustomEvent<{ item: UploadItem }>} upload-pause - An upload was paused.
 * @fires {CustomEvent<{ item: UploadItem }>} upload-resume - A paused upload was resumed.
 * @fires {CustomEvent<{ item: UploadItem, response: unknown, key: string | undefined, hash: string | undefined, source: ReplySource }>} upload-success -
 *   The file is stored. `detail.response` is the unmodified response.
 * @fires {CustomEvent<{ item: UploadItem, key: string | undefined, hash: string | undefined, error: UploadError }>} upload-unconfirmed -
 *   The file is stored, but the server callback failed (579).
 * @fires {CustomEvent<{ item: UploadItem, error: UploadError }>} upload-error - An upload failed.
 * @fires {CustomEvent<{ item: UploadItem }>} upload-cancel - An upload was cancelled.
 * @fires {Event} input - The value changed, except through `items`, `queue` or a form reset.
 * @fires {Event} change - Fires together with `input`.
 * @fires {CustomEvent<{ items: readonly UploadItem[] }>} uploads-complete - No uploads are queued or running any more.
 * @fires {CustomEvent<{ hold: QueueHold }>} queue-hold - The queue stopped starting files, or the end of the hold
 *   changed. `detail.hold` contains the reason and the end time.
 * @fires {CustomEvent} queue-release - The queue starts files again.
 *
 * @slot trigger - Content of the button. Default: a label such as "Choose files".
 * @slot dropzone - Replaces the button and the hint. Clicks on the content, including buttons, open the file picker.
 * @slot hint - Content beside the button. Default: a drop hint and the limits.
 * @slot empty - Content below the drop zone while the list is empty.
 * @slot footer - Content below the list.
 *
 * @csspart dropzone - The drop zone that contains the button.
 * @csspart button - The button that opens the file picker.
 * @csspart hint - The text beside the button.
 * @csspart rules - The size and count limits.
 * @csspart hold - The banner that explains why the queue is on hold; also `hold-text`, `hold-action`.
 * @csspart total - The summary above several files; also `total-text`, `total-problems`, `total-action`, `total-progress`.
 * @csspart find - The search field above a long list; also `find-input` and `find-count`.
 * @csspart list - The scrollable list of files.
 * @csspart item - A row; also `item-<status>`, e.g. `item-failed`.
 * @csspart thumbnail - The thumbnail of a row.
 * @csspart name - The file name in a row.
 * @csspart meta - The size and status of a row.
 * @csspart status - The status text of a row.
 * @csspart detail - The server's error message and the request ID.
 * @csspart progress - The progress bar of a row.
 * @csspart actions - The container of a row's buttons.
 * @csspart action - A button in a row; also `action-cancel`, `action-retry`, `action-remove`.
 *
 * @cssprop [--qiniu-uploader-primary-color=#1668dc] - Color of the button, progress bars and focus rings.
 * @cssprop [--qiniu-uploader-on-primary-color=#fff] - Text color on the primary color.
 * @cssprop [--qiniu-uploader-text-color=#1f2329] - Text color.
 * @cssprop [--qiniu-uploader-muted-color=#5c636e] - Color of secondary text.
 * @cssprop [--qiniu-uploader-surface-color=#fafbfc] - Background of the drop zone.
 * @cssprop [--qiniu-uploader-hover-color=#eef1f5] - Background of hovered controls and of thumbnails.
 * @cssprop [--qiniu-uploader-border-color=#cfd4dc] - Border color.
 * @cssprop [--qiniu-uploader-success-color=#23780f] - Color of the success status.
 * @cssprop [--qiniu-uploader-warning-color=#9a4a00] - Color of the unconfirmed status and of the hold banner.
 * @cssprop [--qiniu-uploader-error-color=#c4232a] - Color of the error status.
 * @cssprop [--qiniu-uploader-radius=8px] - Border radius.
 * @cssprop [--qiniu-uploader-gap=8px] - Gap between rows.
 * @cssprop [--qiniu-uploader-list-height=min(640px, 70vh)] - Maximum height of the list before it scrolls.
 * @cssprop [--qiniu-uploader-card-size=132px] - Minimum width of a card.
 * @cssprop [--qiniu-uploader-thumbnail-size=44px] - Size of a row's thumbnail.
 * @cssprop [--qiniu-uploader-font-size=14px] - Font size.
 *
 * @cssstate dragging - Files are being dragged over the element.
 * @cssstate busy - At least one upload is in progress.
 * @cssstate paused - At least one upload is paused and none is in progress.
 * @cssstate full - The list contains `max-files` files.
 * @cssstate error - At least one upload has failed.
 * @cssstate done - All files are stored.
 * @cssstate empty - The list is empty.
 * @cssstate disabled - The element is disabled.
 * @cssstate invalid - The element fails constraint validation and blocks form submission.
 */
export class QiniuUploader extends LitElement implements UploaderSettings {
  static readonly formAssociated = true;
  static override readonly styles = styles;
  static override readonly shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: true };

  static override get observedAttributes(): string[] {
    return [...super.observedAttributes, ...SECRET_ATTRIBUTES];
  }

  readonly #language = new LanguageController(this);
  // Not available on a server.
  readonly #internals = typeof this.attachInternals === 'function' ? this.attachInternals() : undefined;
  readonly #states = new CustomStates(this.#internals);
  readonly #form = new FormControl(this.#internals);
  readonly #drop = new DropController(this, (items, isPasted) => void this.#addSelections({ items, isPasted }));
  #panel: Panel | undefined;
  #loading: Promise<Panel> | undefined;
  #givenQueue: UploadQueue | undefined;
  #storedFiles: readonly StoredFile[] = [];
  #isInDisabledFieldset = false;
  /** Number of calls whose files are not in the list yet. */
  #pendingAdds = 0;
  /** Selections waiting for the panel to load. */
  #selections: readonly Selection[] = [];
  /** Whether the panel failed to load while selections are waiting. */
  #hasLoadFailed = false;

  /** URL of the server route that issues upload tokens. */
  @property({ attribute: 'token-endpoint' }) tokenEndpoint: string | undefined;
  /** HTTP method of token requests: `post` with a JSON body, or `get` with a query string. Default: `post`. */
  @property({ attribute: 'token-method' }) tokenMethod: 'post' | 'get' | undefined;
  /**
   * Whether requests to the token and confirm routes send cookies: `same-origin`, `include` (also cross-origin) or
   * `omit`. Default: `same-origin`.
   */
  @property({ attribute: 'token-credentials' }) tokenCredentials: ServerCredentials | undefined;
  /** Timeout of token and confirm requests in milliseconds. Default: 30,000 for routes, 60,000 for providers. */
  @property({ attribute: 'token-timeout' }) tokenTimeout: number | string | undefined;
  /** Additional headers for the token and confirm routes, e.g. a CSRF token. */
  @property({ attribute: false }) tokenHeaders: TokenHeaders | undefined;
  /** Function that returns tokens. Takes precedence over `token-endpoint`. */
  @property({ attribute: false }) tokenProvider: TokenProvider | undefined;
  /** URL of the server route that confirms uploads whose callback failed. `{id}` is replaced with the upload's ID. */
  @property({ attribute: 'confirm-endpoint' }) confirmEndpoint: string | undefined;
  /** Function that confirms such uploads. Takes precedence over `confirm-endpoint`. */
  @property({ attribute: false }) confirmProvider: ConfirmProvider | undefined;
  /** Accepted file types, as on `<input type="file">`: `image/*,.pdf`. Default: all. */
  @property() accept: string | undefined;
  /** Whether the list can contain several files. Otherwise a new file replaces the current one. */
  @property({ type: Boolean }) multiple = false;
  /** Maximum number of files in the list. Default: no limit. */
  @property({ attribute: 'max-files' }) maxFiles: number | string | undefined;
  /** Maximum file size, in bytes or with a unit based on 1024: `20MB`. Default: no limit. */
  @property({ attribute: 'max-size' }) maxSize: number | string | undefined;
  /** Minimum file size, in the format of `max-size`. Default: no limit. */
  @property({ attribute: 'min-size' }) minSize: number | string | undefined;
  /** Maximum total size of all files, in the format of `max-size`. Default: no limit. */
  @property({ attribute: 'max-total-size' }) maxTotalSize: number | string | undefined;
  /** Minimum image dimensions in pixels: `200x200`. Default: no limit. */
  @property({ attribute: 'min-image-size' }) minImageSize: string | undefined;
  /** Maximum image dimensions in pixels. Default: no limit. */
  @property({ attribute: 'max-image-size' }) maxImageSize: string | undefined;
  /** Compresses images before upload to maximum dimensions in pixels and a quality: `1920x1920 0.8`. Default: off. */
  @property() compress: string | CompressSettings | undefined;
  /** Validates each file. Returns, or resolves to, a message to reject the file, otherwise `undefined`. */
  @property({ attribute: false }) validator: FileValidator | undefined;
  /** Called before each upload. `{refuse: message}` rejects the file, `{replace: file}` uploads another one instead. */
  @property({ attribute: false }) beforeUpload: BeforeUpload | undefined;
  /** Whether the picker selects a folder with all its files. Implies `multiple`. */
  @property({ type: Boolean }) directory = false;
  /** Camera used on a phone, as on `<input type="file">`: `environment` or `user`. */
  @property() capture: 'user' | 'environment' | undefined;
  /** Where pasted files are accepted: `self` (inside the element), `document`, or `off`. Default: `self`. */
  @property() paste: 'self' | 'document' | 'off' | undefined;
  /** Additional drop target: a selector, or `document`. */
  @property({ attribute: 'drop-target' }) dropTarget: string | undefined;
  /** Maximum number of concurrent requests, shared by files and their parts. Default: 6. */
  @property() concurrency: number | string | undefined;
  /** Maximum number of consecutive retries without progress before an upload fails. Default: 5. */
  @property() retries: number | string | undefined;
  /** Milliseconds without progress, with bytes left to send, until an attempt is considered stalled. Default: 30,000. */
  @property({ attribute: 'stall-timeout' }) stallTimeout: number | string | undefined;
  /** Combined timeout of `validator` and `beforeUpload` in milliseconds. Default: no limit. */
  @property({ attribute: 'hook-timeout' }) hookTimeout: number | string | undefined;
  /** `allow` permits adding the same file twice. Default: duplicates are rejected. */
  @property() duplicates: 'allow' | 'reject' | undefined;
  /** Region of the bucket (`z0`, `z1`, …), used if neither the token route nor `up-host` specifies a host. */
  @property() region: string | undefined;
  /** Upload hosts, separated by spaces, used if the token route specifies none. */
  @property({ attribute: 'up-host' }) upHost: string | undefined;
  /** Download domain of the bucket as an origin, used if the token route specifies none. */
  @property() domain: string | undefined;
  /** `off` disables the browser's confirmation when the page is left during uploads. Default: enabled. */
  @property({ attribute: 'leave-guard' }) leaveGuard: 'off' | undefined;
  /** Overrides for the built-in messages, by key; rendered as plain text. */
  @property({ attribute: false }) messages: Partial<Messages> | undefined;
  /** List layout: `text`, `picture`, `picture-card`, or `none` for no list. Default: `picture`. */
  @property({ attribute: 'list-type' }) listType: 'text' | 'picture' | 'picture-card' | 'none' | undefined;
  /** Renders the content of a row instead of the thumbnail, texts and buttons. */
  @property({ attribute: false }) itemTemplate: ItemTemplate | undefined;
  /** Whether files stay queued until `start()` is called. */
  @property({ type: Boolean }) manual = false;
  /** Whether the visitor cannot add files. Uploads in progress continue. */
  @property({ type: Boolean, reflect: true }) disabled = false;

  /** Name of the form field. Without it, nothing is submitted. */
  @property({ reflect: true }) name: string | undefined;
  /** Whether the form requires at least one stored file. */
  @property({ type: Boolean, reflect: true }) required = false;
  /** Minimum number of stored files that the form requires. */
  @property({ attribute: 'min-files' }) minFiles: number | string | undefined;
  /** Form value of each stored file: its `key`, or its response as `json`. Default: `key`. */
  @property({ attribute: 'value-format' }) valueFormat: 'key' | 'json' | undefined;
  /**
   * `wait` delays form submission until all files are stored. Default: submission during uploads is blocked with a
   * message. In both modes, a file that is neither stored nor uploading blocks submission.
   */
  @property() submit: 'wait' | undefined;

  /**
   * All files in insertion order, as a frozen array of frozen items.
   *
   * Setting it defines the files that are already stored; they are listed before the uploads. Existing entries keep
   * their rows, so setting an equal list changes nothing; `undefined` and `null` mean an empty list. Entries are matched
   * by `key`, then `url`, then `name`. Uploads are not affected, so `items` can be set to its own value.
   */
  @property({ attribute: false })
  get items(): readonly UploadItem[] {
    return this.queue?.items ?? NO_ITEMS;
  }
  set items(files: readonly StoredFile[] | null | undefined) {
    this.#storedFiles = files ?? [];
    this.#panel?.showStored(this.#storedFiles);
    if (this.#panel === undefined) this.requestUpdate(); // the update loads the panel
  }

  /** Whether the list can contain several files: with `multiple` or `directory`. */
  get takesSeveral(): boolean {
    return this.multiple || this.directory;
  }

  /** Whether the element is disabled, directly or through a `<fieldset>`. */
  get isDisabled(): boolean {
    return this.disabled || this.#isInDisabledFieldset;
  }

  /** The form values: the keys of the stored files, or their responses as JSON. */
  get value(): readonly string[] {
    return this.#panel?.formValues ?? [];
  }

  /** The associated form. */
  get form(): HTMLFormElement | null {
    return this.#form.form;
  }

  /** The associated labels; `undefined` without `ElementInternals`. */
  get labels(): NodeList | undefined {
    return this.#form.labels;
  }

  /** Whether the element takes part in constraint validation. */
  get willValidate(): boolean {
    return this.#form.willValidate;
  }

  /** The validity state; `undefined` without `ElementInternals`. */
  get validity(): ValidityState | undefined {
    return this.#form.validity;
  }

  /** The validation message, or an empty string. */
  get validationMessage(): string {
    return this.#form.validationMessage;
  }

  /** Checks validity without showing a message; fires `invalid` on failure. */
  checkValidity(): boolean {
    return this.#form.checkValidity();
  }

  /** Checks validity and shows the message on failure. */
  reportValidity(): boolean {
    return this.#form.reportValidity();
  }

  formAssociatedCallback(form: HTMLFormElement | null): void {
    this.#panel?.joinForm(form);
  }

  formDisabledCallback(isDisabled: boolean): void {
    this.#isInDisabledFieldset = isDisabled;
    this.requestUpdate();
  }

  /** Restores the files last set through `items`. */
  formResetCallback(): void {
    this.#selections = [];
    this.#hasLoadFailed = false;
    this.#panel?.reset(this.#storedFiles);
  }

  formStateRestoreCallback(state: unknown): void {
    this.#load().then(
      (panel) => (this.items = panel.readState(state)),
      (error: unknown) => warnOnce(`could not restore files from form state. ${String(error)}`),
    );
  }

  /**
   * The displayed queue: the element's own, available after `load()` or the first `add()`, or one that the page created.
   * A page's queue ignores the element's token, host and rule attributes, and its uploads continue when the element is
   * removed.
   */
  @property({ attribute: false })
  get queue(): UploadQueue | undefined {
    return this.#panel?.queue ?? this.#givenQueue;
  }
  set queue(queue: UploadQueue | undefined) {
    this.#givenQueue = queue;
    this.#panel?.useQueue(queue);
  }

  constructor() {
    super();
    // Preloads on pointer, focus or drag.
    const preload = (): void => void this.#load().catch(() => undefined);
    // Handles clicks on the element's label.
    this.addEventListener('click', (event) => {
      if (event.composedPath()[0] === this) this.openFilePicker();
    });
    for (const type of ['pointerenter', 'focusin', 'dragenter']) this.addEventListener(type, preload, { once: true });
  }

  override attributeChangedCallback(name: string, old: string | null, value: string | null): void {
    if ((SECRET_ATTRIBUTES as readonly string[]).includes(name)) {
      if (value !== null) removeSecret(this, name);
      return;
    }
    super.attributeChangedCallback(name, old, value);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (this.#givenQueue !== undefined || this.#storedFiles.length > 0) void this.#load().catch(() => undefined);
    if (changed.size > 0) this.#panel?.configure();
    void this.#panel?.setLocale(this.#language.locale);
    this.#panel?.prepare();
    this.#states.set('dragging', this.#drop.isDragging);
    for (const [name, isOn] of Object.entries(this.#panel?.states ?? {})) this.#states.set(name, isOn);
    this.#states.set('empty', this.items.length === 0);
    this.#states.set('disabled', this.isDisabled);
  }

  protected override updated(): void {
    this.#panel?.updateForm();
    this.#updateValidity();
    this.#states.set('invalid', this.validity?.valid === false);
  }

  /** Also waits for modules to load and for pending queue notifications, which are sent once per frame. */
  protected override async getUpdateComplete(): Promise<boolean> {
    await super.getUpdateComplete();
    await this.#loading?.catch(() => undefined);
    await this.queue?.settled;
    return super.getUpdateComplete();
  }

  /**
   * Loads the upload modules, which otherwise load with the first file.
   *
   * @returns the element's queue
   * @throws if the modules cannot be loaded; the next call tries again
   */
  async load(): Promise<UploadQueue> {
    return (await this.#load()).queue;
  }

  /**
   * Adds files as if the visitor had chosen them, even if the element is disabled.
   *
   * @returns the added items, including rejected ones
   * @throws {TypeError} if an entry is not a `File`
   */
  async add(files: Iterable<File | FileEntry>): Promise<readonly UploadItem[]> {
    const list = [...files]; // copies a live FileList, which may be emptied before it is read
    if (this.#panel !== undefined) return this.#panel.add(list);
    return this.#trackAdding(async () => (await this.#load()).add(list));
  }

  /** Starts queued files; only needed with `manual`. */
  start(): void {
    this.#withPanel((panel) => panel.queue.start());
  }

  /**
   * Cancels an upload and deletes its parts from Kodo.
   *
   * @throws {TypeError} if `id` is not a non-empty string
   */
  cancel(id: string): void;
  /** @deprecated Use `cancelAll()`. */
  cancel(): void;
  cancel(...ids: [id?: string]): void {
    this.#command('cancel', ids);
  }

  /** Cancels all uploads that have not ended. */
  cancelAll(): void {
    this.#withPanel((panel) => panel.queue.cancelAll());
  }

  /**
   * Pauses an upload and keeps its stored parts.
   *
   * @throws {TypeError} if `id` is not a non-empty string
   */
  pause(id: string): void;
  /** @deprecated Use `pauseAll()`. */
  pause(): void;
  pause(...ids: [id?: string]): void {
    this.#command('pause', ids);
  }

  /** Pauses all queued and running uploads and keeps their stored parts. */
  pauseAll(): void {
    this.#withPanel((panel) => panel.queue.pauseAll());
  }

  /**
   * Resumes a paused upload from its stored parts.
   *
   * @throws {TypeError} if `id` is not a non-empty string
   */
  resume(id: string): void;
  /** @deprecated Use `resumeAll()`. */
  resume(): void;
  resume(...ids: [id?: string]): void {
    this.#command('resume', ids);
  }

  /** Resumes all paused uploads. */
  resumeAll(): void {
    this.#withPanel((panel) => panel.queue.resumeAll());
  }

  /**
   * Restarts a failed or cancelled upload, confirms an unconfirmed one again, or ends the wait of a waiting one.
   *
   * @throws {TypeError} if `id` is not a non-empty string
   */
  retry(id: string): void;
  /** @deprecated Use `retryAll()`. */
  retry(): void;
  retry(...ids: [id?: string]): void {
    this.#command('retry', ids);
  }

  /** Restarts all failed uploads and ends the wait of waiting ones. */
  retryAll(): void {
    this.#withPanel((panel) => panel.queue.retryAll());
  }

  /**
   * Lists uploads left unfinished by an earlier visit. An upload whose file is available gets a resume button; otherwise
   * the visitor has to choose the same file again.
   *
   * @returns the restored items
   * @throws if the upload modules cannot be loaded
   */
  async restore(): Promise<readonly UploadItem[]> {
    const panel = await this.#load();
    panel.configureIfPending();
    return panel.queue.restore();
  }

  /**
   * Removes a file from the list. A running upload is cancelled; a stored object is not deleted.
   *
   * @throws {TypeError} if `id` is not a non-empty string
   */
  removeFile(id: string): void {
    this.#command('removeFile', [id]);
  }

  /** Removes the element from the document, as on every element. */
  override remove(): void;
  /** @deprecated Use `removeFile(id)`. */
  override remove(id: string): void;
  override remove(...ids: [id?: string]): void {
    if (ids.length === 0) {
      super.remove();
      return;
    }
    warnOnce('remove(id) is deprecated. Use removeFile(id).');
    this.#command('removeFile', ids);
  }

  /** Empties the list; running uploads are cancelled. */
  clear(): void {
    this.#withPanel((panel) => panel.queue.clear());
  }

  /** Opens the file picker. Browsers allow this only during user activation, such as a click or key press. */
  openFilePicker(): void {
    if (!this.isDisabled) this.renderRoot?.querySelector('input')?.click();
  }

  get #shell(): ShellMessages {
    return { ...this.#language.shell, ...this.messages };
  }

  #load(): Promise<Panel> {
    this.#loading ??= this.#createPanel().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  async #createPanel(): Promise<Panel> {
    const { locale } = this.#language;
    const [{ Panel }, messages] = await Promise.all([import('./panel/panel.js'), loadMessages(locale)]);
    const panel = new Panel(this, this.#form, {
      locale,
      messages,
      isWorking: () => this.#isWorking,
      isHeld: () => this.#problem[0] === 'customError',
      report: () => {
        this.#updateValidity();
        this.reportValidity();
      },
    });
    this.#panel = panel;
    panel.useQueue(this.#givenQueue);
    panel.showStored(this.#storedFiles);
    panel.joinForm(this.form);
    this.requestUpdate();
    return this.#panel;
  }

  /** Checks the ID and forwards the command to the queue with its original arguments. */
  #command(name: 'cancel' | 'pause' | 'resume' | 'retry' | 'removeFile', ids: readonly unknown[]): void {
    if (ids.length > 0 && (typeof ids[0] !== 'string' || ids[0] === '')) {
      throw new TypeError(`${name}() needs the id of an item (item.id), not ${JSON.stringify(ids[0]) ?? 'undefined'}.`);
    }
    this.#withPanel((panel) => panel.queue[name](...(ids as [string])));
  }

  /** Whether files are uploading, or will be once they are in the list. */
  get #isWorking(): boolean {
    return this.#pendingAdds > 0 || this.#panel?.isWorking === true;
  }

  /** The reason why the form cannot be submitted, if any. */
  get #problem(): FormProblem | readonly [] {
    const messages = this.#shell;
    if (this.#hasLoadFailed) return ['customError', messages.notLoaded];
    const unstored = this.#panel?.unstored;
    if (unstored !== undefined) return ['customError', unstored];
    if (this.#isWorking) return this.submit === 'wait' ? [] : ['customError', messages.stillUploading];
    const { length } = this.value;
    if (this.required && length === 0) return ['valueMissing', messages.missing];
    const minFiles = readCount('min-files', this.minFiles) ?? 0;
    return length < minFiles ? ['rangeUnderflow', messages.minFiles(minFiles)] : [];
  }

  #updateValidity(): void {
    const problem = this.#problem;
    const anchor = problem[0] === 'customError' ? this.#panel?.unstoredAnchor : undefined;
    this.#form.setProblem(problem, anchor ?? this.shadowRoot?.querySelector<HTMLElement>('.choose'));
  }

  /** Runs `act` now if the panel is loaded, or once it has loaded; does nothing if it was never requested. */
  #withPanel(act: (panel: Panel) => void): void {
    const perform = (panel: Panel): void => {
      panel.configureIfPending();
      act(panel);
    };
    if (this.#panel !== undefined) perform(this.#panel);
    else void this.#loading?.then(perform, () => undefined);
  }

  /** Adds the visitor's selections; keeps them if the panel cannot be loaded. */
  async #addSelections(...selections: readonly Selection[]): Promise<void> {
    if (this.isDisabled) return;
    this.#selections = [...this.#selections, ...selections];
    await this.#trackAdding(async () => {
      let panel: Panel;
      try {
        panel = await this.#load();
      } catch (error) {
        this.#hasLoadFailed = this.#selections.length > 0;
        warnOnce(`the upload modules could not be loaded. ${String(error)}`);
        window.addEventListener('online', () => void this.#addSelections(), { once: true });
        return;
      }
      this.#hasLoadFailed = false;
      const all = this.#selections;
      this.#selections = [];
      for (const selection of all) await panel.addSelection(selection);
    });
  }

  /** Stops form submission while files are waiting for the panel to load. */
  readonly #stopEarlySubmit = (event: SubmitEvent): void => {
    const { form } = this;
    if (this.#panel !== undefined || this.#pendingAdds === 0 || form === null || form !== event.currentTarget) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    void this.#loading?.then(
      (panel) => panel.replaySubmit(form, event.submitter),
      () => this.reportValidity(),
    );
  };

  /** Blocks form submission as soon as files are chosen, which may be before they are in the list. */
  async #trackAdding<T>(act: () => Promise<T>): Promise<T> {
    this.#pendingAdds += 1;
    this.#updateValidity();
    this.form?.addEventListener('submit', this.#stopEarlySubmit, true);
    try {
      return await act();
    } finally {
      this.#pendingAdds -= 1;
      this.requestUpdate();
    }
  }

  #handleInput(event: Event): void {
    const input = event.currentTarget as HTMLInputElement;
    const files = [...(input.files ?? [])];
    input.value = ''; // allows choosing the same file again
    if (files.length > 0) void this.#addSelections({ files });
  }

  /** Opens the picker on a click in the drop zone, unless the page prevents it or another control was clicked. */
  #handleZoneClick(event: MouseEvent): void {
    const path = event.composedPath();
    const isForOtherControl = path
      .slice(0, path.indexOf(event.currentTarget as EventTarget))
      .some((target) => target instanceof Element && target.matches('a, input, label, select, textarea'));
    if (!isForOtherControl && !event.defaultPrevented) this.openFilePicker();
  }

  override render(): TemplateResult {
    return html`<div class="width"></div>
      ${this.#renderDropzone()} ${this.items.length === 0 ? html`<slot name="empty"></slot>` : this.#panel?.render()}
      <slot name="footer"></slot>
      <div class="spoken" role="status">${this.#panel?.announcement}</div>`;
  }

  #renderDropzone(): TemplateResult {
    const messages = this.#shell;
    const { takesSeveral: multiple, isDisabled: disabled } = this;
    const { isDragging } = this.#drop;
    const state = disabled ? 'disabled' : isDragging ? 'dragging' : '';
    return html`
      <div class="dropzone ${state}" part="dropzone" @click=${(event: MouseEvent) => this.#handleZoneClick(event)}>
        <slot name="dropzone">
          <button type="button" class="choose" part="button" ?disabled=${disabled}>
            ${iconView(UPLOAD_ICON)}<slot name="trigger">${multiple ? messages.chooseFiles : messages.chooseFile}</slot>
          </button>
          <slot name="hint">
            <span class="hint" part="hint"
              >${isDragging ? messages.dropNow : multiple ? messages.dropFiles : messages.dropFile}</span
            >
            ${this.#hasLoadFailed ? html`<p class="rules" part="rules" role="alert">${messages.notLoaded}</p>` : this.#renderRules()}
          </slot>
        </slot>
        <input
          type="file"
          hidden
          tabindex="-1"
          aria-hidden="true"
          accept=${ifDefined(pickerAccept(this.#panel?.accept ?? this.accept, navigator.userAgent))}
          ?multiple=${multiple}
          ?webkitdirectory=${this.directory}
          capture=${ifDefined(this.capture)}
          ?disabled=${disabled}
          @change=${(event: Event) => this.#handleInput(event)}
        />
      </div>
    `;
  }

  #renderRules(): TemplateResult | typeof nothing {
    const messages = this.#shell;
    const maxSize = readSize('max-size', this.maxSize);
    const maxFiles = this.takesSeveral ? readCount('max-files', this.maxFiles) : undefined;
    const rules = [
      ...(maxSize === undefined ? [] : [messages.maxSize(formatSize(maxSize, messages.lang))]),
      ...(maxFiles === undefined ? [] : [messages.maxFiles(maxFiles)]),
    ];
    return rules.length === 0 ? nothing : html`<p class="rules" part="rules">${rules.join(' · ')}</p>`;
  }
}

const NO_ITEMS: readonly UploadItem[] = Object.freeze([]);

declare global {
  interface HTMLElementTagNameMap {
    'qiniu-uploader': QiniuUploader;
  }
}
