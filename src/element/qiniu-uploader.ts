import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import { ifDefined } from 'lit/directives/if-defined.js';
import type { ConfirmProvider } from '../core/token/confirm-endpoint.js';
import type { CompressSettings } from '../core/files/images/image-rules.js';
import type { TokenHeaders, TokenProvider } from '../core/token/token-endpoint.js';
import type { UploadEventMap } from '../core/items/upload-events.js';
import type { UploadItem } from '../core/items/upload-item.js';
import type { UploadQueue } from '../core/queue/upload-queue.js';
import type { BeforeUpload, FileEntry, FileValidator, StoredFile } from '../core/queue/queue-options.js';
import { warnOnce } from '../core/shared/warn-once.js';
import { formatSize } from '../i18n/format-size.js';
import { loadMessages } from '../i18n/load-messages.js';
import type { Messages } from '../i18n/messages.js';
import type { ShellMessages } from '../i18n/shell-messages.js';
import { readCount, readSize, refuseSecret, SECRET_ATTRIBUTES } from './attributes.js';
import { CustomStates } from './custom-states.js';
import { DropController } from './drop-controller.js';
import { FormControl, type FormProblem } from './form-control.js';
import { iconView, UPLOAD_ICON } from './icon-view.js';
import { LanguageController } from './language-controller.js';
import type { ItemTemplate } from './panel/item-view.js';
import type { Chosen, Panel } from './panel/panel.js';
import { pickerAccept } from './picker-accept.js';
import { styles } from './qiniu-uploader.styles.js';

/** Every event of the element, the native ones among them. */
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
 * Uploads files from the browser straight to Qiniu Cloud Kodo, with tokens from the page's own server.
 *
 * @element qiniu-uploader
 *
 * @fires {CustomEvent} file-add - A file is about to be taken; `preventDefault()` keeps it out.
 * @fires {CustomEvent} file-reject - A file breaks a rule; it stays in the list with its reason.
 * @fires {CustomEvent} file-remove - A file has left the list.
 * @fires {CustomEvent} upload-start - An upload has its token and begins to send.
 * @fires {CustomEvent} upload-progress - Bytes were sent; at most once a frame for each file.
 * @fires {CustomEvent} upload-request - A request to Kodo has ended; `detail.request` is what may be shown of it.
 * @fires {CustomEvent} upload-wait - An upload waits and goes on by itself; `detail.reason` says why.
 * @fires {CustomEvent} upload-pause - An upload was paused.
 * @fires {CustomEvent} upload-resume - A paused upload goes on.
 * @fires {CustomEvent} upload-success - The file is stored; `detail.response` is the reply, unchanged.
 * @fires {CustomEvent} upload-unconfirmed - The file is stored, but the site's callback failed (579).
 * @fires {CustomEvent} upload-error - The file could not be uploaded; `detail.error` says why.
 * @fires {CustomEvent} upload-cancel - An upload was cancelled.
 * @fires {Event} input - The stored files are others than before, by the visitor.
 * @fires {Event} change - The same.
 * @fires {CustomEvent} uploads-complete - Nothing is waiting or running any more.
 * @fires {CustomEvent} queue-hold - No further file is started for the time being; `detail.hold` says why and until when.
 * @fires {CustomEvent} queue-release - Files are started again.
 *
 * @slot trigger - What stands in the button. Default: a text such as "Choose files".
 * @slot dropzone - What stands in the area: in the place of the button and all beside it. A click on it, and on a button
 *   in it, opens the picker.
 * @slot hint - What stands beside the button. Default: that files can be dropped, and the limits.
 * @slot empty - Below the area while the list is empty.
 * @slot footer - Below the list.
 *
 * @csspart dropzone - The area with the button, which takes drops.
 * @csspart button - The button that opens the file picker.
 * @csspart hint - The text beside it.
 * @csspart rules - The limits.
 * @csspart hold - Above the list, why the whole queue waits; also `hold-text`, `hold-action`.
 * @csspart total - The summary above several files; also `total-text`, `total-problems`, `total-action`, `total-progress`.
 * @csspart find - Above a long list, what finds files by name; also `find-input` and `find-count`.
 * @csspart list - The list of files; it scrolls beyond its greatest height.
 * @csspart item - A row; also `item-<status>`, e.g. `item-failed`.
 * @csspart thumbnail - A row's picture.
 * @csspart name - A row's file name.
 * @csspart meta - A row's size and state.
 * @csspart status - A row's state in words.
 * @csspart detail - What a server said, and the request's id.
 * @csspart progress - A row's progress bar.
 * @csspart actions - A row's buttons.
 * @csspart action - One of them; also `action-cancel`, `action-retry`, `action-remove`.
 *
 * @cssprop [--qiniu-uploader-primary-color=#1668dc] - Button, progress and focus.
 * @cssprop [--qiniu-uploader-on-primary-color=#fff] - Text on it.
 * @cssprop [--qiniu-uploader-text-color=#1f2329] - Text.
 * @cssprop [--qiniu-uploader-muted-color=#5c636e] - Less important text.
 * @cssprop [--qiniu-uploader-surface-color=#fafbfc] - Background of the drop area.
 * @cssprop [--qiniu-uploader-hover-color=#eef1f5] - Background under the pointer and of pictures.
 * @cssprop [--qiniu-uploader-border-color=#cfd4dc] - Borders.
 * @cssprop [--qiniu-uploader-success-color=#23780f] - Success.
 * @cssprop [--qiniu-uploader-warning-color=#9a4a00] - Stored but not confirmed.
 * @cssprop [--qiniu-uploader-error-color=#c4232a] - Failure.
 * @cssprop [--qiniu-uploader-radius=8px] - Corners.
 * @cssprop [--qiniu-uploader-gap=8px] - Space between rows.
 * @cssprop [--qiniu-uploader-list-height=min(640px, 70vh)] - Greatest height of the list, which scrolls beyond it.
 * @cssprop [--qiniu-uploader-card-size=132px] - Least width of a card.
 * @cssprop [--qiniu-uploader-thumbnail-size=44px] - A row's picture.
 * @cssprop [--qiniu-uploader-font-size=14px] - Text size.
 *
 * @cssstate dragging - Files hang over the element.
 * @cssstate busy - Something is uploading.
 * @cssstate paused - Something is paused, and nothing uploads.
 * @cssstate full - As many files as `max-files` allows are in the list.
 * @cssstate error - An upload has failed.
 * @cssstate done - All files are stored.
 * @cssstate empty - The list is empty.
 * @cssstate disabled - The element takes no files.
 * @cssstate invalid - The element keeps its form from being submitted.
 */
export class QiniuUploader extends LitElement {
  static readonly formAssociated = true;
  static override readonly styles = styles;
  static override readonly shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: true };

  static override get observedAttributes(): string[] {
    return [...super.observedAttributes, ...SECRET_ATTRIBUTES];
  }

  readonly #language = new LanguageController(this);
  // On a server there are none.
  readonly #internals = typeof this.attachInternals === 'function' ? this.attachInternals() : undefined;
  readonly #states = new CustomStates(this.#internals);
  readonly #form = new FormControl(this.#internals);
  readonly #drop = new DropController(this, (items, isPasted) => void this.#take({ items, isPasted }));
  #panel: Panel | undefined;
  #loading: Promise<Panel> | undefined;
  #givenQueue: UploadQueue | undefined;
  #storedFiles: readonly StoredFile[] = [];
  #isInDisabledFieldset = false;
  /** How many calls hold files that are not in the list yet. */
  #taking = 0;
  /** What was chosen while the panel was not loaded yet, and is not in the list. */
  #chosen: readonly Chosen[] = [];
  /** Whether loading the panel has failed, with files chosen. */
  #isNotLoaded = false;

  /** Address of the page's own route that issues upload tokens. */
  @property({ attribute: 'token-endpoint' }) tokenEndpoint: string | undefined;
  /** How it is asked: `post` with a JSON body, or `get` with a query. Default `post`. */
  @property({ attribute: 'token-method' }) tokenMethod: string | undefined;
  /**
   * Whether cookies go with requests to the token and confirm route: `same-origin` (the default), `include` also to
   * another origin, `omit` never.
   */
  @property({ attribute: 'token-credentials' }) tokenCredentials: string | undefined;
  /** Milliseconds that the token and confirm route may take. Default 30,000; of functions 60,000. */
  @property({ attribute: 'token-timeout' }) tokenTimeout: number | string | undefined;
  /** Further headers for it, e.g. a CSRF token. */
  @property({ attribute: false }) tokenHeaders: TokenHeaders | undefined;
  /** Gets tokens in any other way; replaces `token-endpoint`. */
  @property({ attribute: false }) tokenProvider: TokenProvider | undefined;
  /** Address of the page's own route that confirms uploads whose callback failed; `{id}` in it is replaced. */
  @property({ attribute: 'confirm-endpoint' }) confirmEndpoint: string | undefined;
  /** Confirms such uploads in any other way; replaces `confirm-endpoint`. */
  @property({ attribute: false }) confirmProvider: ConfirmProvider | undefined;
  /** What files are taken, as on `<input type="file">`: `image/*,.pdf`. Default: all. */
  @property() accept: string | undefined;
  /** Whether several files can be in the list. Without it a new file replaces the old one. */
  @property({ type: Boolean }) multiple = false;
  /** How many files may be in the list. Default: no limit. */
  @property({ attribute: 'max-files' }) maxFiles: number | string | undefined;
  /** Largest size of a file, in bytes or with a unit counted by 1024: `20MB`. Default: no limit. */
  @property({ attribute: 'max-size' }) maxSize: number | string | undefined;
  /** Smallest size of a file. Default: no limit. */
  @property({ attribute: 'min-size' }) minSize: number | string | undefined;
  /** Largest size of all files together. Default: no limit. */
  @property({ attribute: 'max-total-size' }) maxTotalSize: number | string | undefined;
  /** Smallest pixels of a picture: `200x200`. Default: no limit. */
  @property({ attribute: 'min-image-size' }) minImageSize: string | undefined;
  /** Largest pixels of a picture. Default: no limit. */
  @property({ attribute: 'max-image-size' }) maxImageSize: string | undefined;
  /** Makes pictures smaller before they are uploaded: greatest pixels and a quality, `1920x1920 0.8`. Default: off. */
  @property() compress: string | CompressSettings | undefined;
  /** Gives words where a file is not right, at once or later: they refuse it. */
  @property({ attribute: false }) validator: FileValidator | undefined;
  /** Asked before each file is uploaded: `{refuse: words}` refuses it, `{replace: file}` uploads another. */
  @property({ attribute: false }) beforeUpload: BeforeUpload | undefined;
  /** Whether the picker chooses a folder, with all that is in it; several files can be in the list then. */
  @property({ type: Boolean }) directory = false;
  /** Which camera of a phone takes the picture: `environment` or `user`, as on `<input type="file">`. */
  @property() capture: string | undefined;
  /** Where files are taken that are pasted: in the element (`self`, the default), in the `document`, or `off`. */
  @property() paste: string | undefined;
  /** Where files can be dropped too: a selector, or `document`. */
  @property({ attribute: 'drop-target' }) dropTarget: string | undefined;
  /** Requests at once, shared by files and their parts. Default 6. */
  @property() concurrency: number | string | undefined;
  /** Failures in a row, with no progress in between, after which an upload has failed. Default 5. */
  @property() retries: number | string | undefined;
  /** Milliseconds without progress, with bytes left to send, after which an attempt has stalled. Default 30,000. */
  @property({ attribute: 'stall-timeout' }) stallTimeout: number | string | undefined;
  /** Milliseconds that `validator` and `beforeUpload` may take together. Default: no limit. */
  @property({ attribute: 'hook-timeout' }) hookTimeout: number | string | undefined;
  /** `allow` lets the very same file be in the list twice. Default: the second is rejected. */
  @property() duplicates: string | undefined;
  /** Region of the bucket (`z0`, `z1`, …), used where neither the token route nor `up-host` names a host. */
  @property() region: string | undefined;
  /** Up hosts, separated by spaces, used where the token route names none. */
  @property({ attribute: 'up-host' }) upHost: string | undefined;
  /** Origin that serves the bucket, used where the token route names none. */
  @property() domain: string | undefined;
  /** `off` lets the page be left while something is uploading; else the browser asks first. */
  @property({ attribute: 'leave-guard' }) leaveGuard: string | undefined;
  /** Texts in the place of the element's own, by their names; names come from outside and are shown as plain text. */
  @property({ attribute: false }) messages: Partial<Messages> | undefined;
  /** How the list looks: `text`, `picture`, `picture-card`, or `none` for no list. Default `picture`. */
  @property({ attribute: 'list-type' }) listType: string | undefined;
  /** Renders what is in a row, in the place of its picture, texts and buttons. */
  @property({ attribute: false }) itemTemplate: ItemTemplate | undefined;
  /** Whether files wait for `start()`. */
  @property({ type: Boolean }) manual = false;
  /** Whether the element takes no files. What is uploading goes on. */
  @property({ type: Boolean, reflect: true }) disabled = false;

  /** Name under which a form is sent the stored files. */
  @property({ reflect: true }) name: string | undefined;
  /** Whether a form needs a stored file. */
  @property({ type: Boolean, reflect: true }) required = false;
  /** How many stored files a form needs at least. */
  @property({ attribute: 'min-files' }) minFiles: number | string | undefined;
  /** What a form is sent for each file: its `key`, or its reply as `json`. Default `key`. */
  @property({ attribute: 'value-format' }) valueFormat: string | undefined;
  /**
   * `wait` lets a submit wait until all files are stored. Default: it is held meanwhile, with a message. Either way it is
   * held while a chosen file is not stored and nothing is uploading it.
   */
  @property() submit: string | undefined;

  /**
   * All files, in the order in which they were added: a frozen array of frozen items.
   *
   * What is set are files that are stored already, which are shown before the others. An entry that was there before
   * keeps its row, so setting an equal list changes nothing; `undefined` and `null` are an empty list. Entries are
   * matched by `key`, else by `url`, else by `name`. Uploads are left alone, so `items` may be set to itself.
   */
  @property({ attribute: false })
  get items(): readonly UploadItem[] {
    return this.queue?.items ?? NO_ITEMS;
  }
  set items(files: readonly StoredFile[] | null | undefined) {
    this.#storedFiles = files ?? [];
    this.#panel?.showStored(this.#storedFiles);
    if (this.#panel === undefined) this.requestUpdate(); // which loads it
  }

  /** Whether several files can be in the list: with `multiple`, and with `directory`, because folders hold several. */
  get takesSeveral(): boolean {
    return this.multiple || this.directory;
  }

  /** Whether the element takes no files, by itself or by its `<fieldset>`. */
  get isDisabled(): boolean {
    return this.disabled || this.#isInDisabledFieldset;
  }

  /** What a form is sent: the stored files' keys, or their replies as JSON. */
  get value(): readonly string[] {
    return this.#panel?.formValues ?? [];
  }

  get form(): HTMLFormElement | null {
    return this.#form.form;
  }

  get labels(): NodeList | undefined {
    return this.#form.labels;
  }

  get willValidate(): boolean {
    return this.#form.willValidate;
  }

  get validity(): ValidityState | undefined {
    return this.#form.validity;
  }

  get validationMessage(): string {
    return this.#form.validationMessage;
  }

  checkValidity(): boolean {
    return this.#form.checkValidity();
  }

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

  /** Back to what was there at first. */
  formResetCallback(): void {
    this.#chosen = [];
    this.#isNotLoaded = false;
    this.#panel?.reset(this.#storedFiles);
  }

  formStateRestoreCallback(state: unknown): void {
    this.#load().then(
      (panel) => (this.items = panel.readState(state)),
      (error: unknown) => warnOnce(`the files of this page's last visit could not be shown. ${String(error)}`),
    );
  }

  /**
   * The queue that the element shows: its own, which is there after the first `add()` or `load()`, or one that the page
   * made with its own settings; then the attributes about tokens, hosts and rules do not count, and its uploads outlive
   * the element.
   */
  @property({ attribute: false })
  get queue(): UploadQueue | undefined {
    return this.#panel?.queue ?? this.#givenQueue;
  }
  set queue(queue: UploadQueue | undefined) {
    this.#givenQueue = queue;
    this.#panel?.use(queue);
  }

  constructor() {
    super();
    // Who comes near is about to choose something.
    const preload = (): void => void this.#load().catch(() => undefined);
    // A click on the element's label.
    this.addEventListener('click', (event) => {
      if (event.composedPath()[0] === this) this.openFilePicker();
    });
    for (const type of ['pointerenter', 'focusin', 'dragenter']) this.addEventListener(type, preload, { once: true });
  }

  override attributeChangedCallback(name: string, old: string | null, value: string | null): void {
    if ((SECRET_ATTRIBUTES as readonly string[]).includes(name)) {
      if (value !== null) refuseSecret(this, name);
      return;
    }
    super.attributeChangedCallback(name, old, value);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (this.#givenQueue !== undefined || this.#storedFiles.length > 0) void this.#load().catch(() => undefined);
    if (changed.size > 0) this.#panel?.configure();
    void this.#panel?.speak(this.#language.locale);
    this.#panel?.prepare();
    this.#states.set('dragging', this.#drop.isDragging);
    for (const [name, isOn] of Object.entries(this.#panel?.states ?? {})) this.#states.set(name, isOn);
    this.#states.set('empty', this.items.length === 0);
    this.#states.set('disabled', this.isDisabled);
  }

  protected override updated(): void {
    this.#panel?.tellForm();
    this.#tellProblem();
    this.#states.set('invalid', this.validity?.valid === false);
  }

  /** Also waits for what is being loaded, and until the queue has told of its changes, which it does once a frame. */
  protected override async getUpdateComplete(): Promise<boolean> {
    await super.getUpdateComplete();
    await this.#loading?.catch(() => undefined);
    await this.queue?.settled;
    return super.getUpdateComplete();
  }

  /**
   * Loads what the element needs from the first file on, which it otherwise does with the first file.
   *
   * @returns the element's queue
   * @throws when it cannot be loaded; the next call tries again
   */
  async load(): Promise<UploadQueue> {
    return (await this.#load()).queue;
  }

  /**
   * Adds files as if they had been chosen; `disabled` does not matter here.
   *
   * @returns the items that are now in the list, the rejected ones among them
   * @throws {TypeError} when something in the list is not a `File`
   */
  async add(files: Iterable<File | FileEntry>): Promise<readonly UploadItem[]> {
    const list = [...files]; // a live FileList may be emptied meanwhile
    if (this.#panel !== undefined) return this.#panel.add(list);
    return this.#whileTaking(async () => (await this.#load()).add(list));
  }

  /** Lets waiting files go; only needed with `manual`. */
  start(): void {
    this.#do((panel) => panel.queue.start());
  }

  /**
   * Stops one upload, and deletes what Kodo has of it.
   *
   * @throws {TypeError} when the id is not a text
   */
  cancel(id: string): void;
  /** @deprecated Use `cancelAll()`. */
  cancel(): void;
  cancel(...ids: [id?: string]): void {
    this.#command('cancel', ids);
  }

  /** Stops all uploads that have not ended. */
  cancelAll(): void {
    this.#do((panel) => panel.queue.cancelAll());
  }

  /**
   * Stops one upload, and keeps what is stored of it.
   *
   * @throws {TypeError} when the id is not a text
   */
  pause(id: string): void;
  /** @deprecated Use `pauseAll()`. */
  pause(): void;
  pause(...ids: [id?: string]): void {
    this.#command('pause', ids);
  }

  /** Stops all uploads that are queued or running, and keeps what is stored of them. */
  pauseAll(): void {
    this.#do((panel) => panel.queue.pauseAll());
  }

  /**
   * Continues one paused upload from what is stored.
   *
   * @throws {TypeError} when the id is not a text
   */
  resume(id: string): void;
  /** @deprecated Use `resumeAll()`. */
  resume(): void;
  resume(...ids: [id?: string]): void {
    this.#command('resume', ids);
  }

  /** Continues all paused uploads. */
  resumeAll(): void {
    this.#do((panel) => panel.queue.resumeAll());
  }

  /**
   * Starts one failed or cancelled upload again, asks again about an unconfirmed one, or lets one that waits try now.
   *
   * @throws {TypeError} when the id is not a text
   */
  retry(id: string): void;
  /** @deprecated Use `retryAll()`. */
  retry(): void;
  retry(...ids: [id?: string]): void {
    this.#command('retry', ids);
  }

  /** Starts all failed uploads again, and lets those that wait try now. */
  retryAll(): void {
    this.#do((panel) => panel.queue.retryAll());
  }

  /**
   * Shows what an earlier visit left unfinished: with a button to continue where the file was kept, else asking for the
   * same file.
   */
  async restore(): Promise<readonly UploadItem[]> {
    const panel = await this.#load();
    panel.configureIfPending();
    return panel.queue.restore();
  }

  /**
   * Takes a file out of the list. Its upload is cancelled first; a stored object is not deleted.
   *
   * @throws {TypeError} when the id is not a text
   */
  removeFile(id: string): void {
    this.#command('removeFile', [id]);
  }

  /** Takes the element out of the page, as on every element. */
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

  /** Empties the list; uploads are cancelled first. */
  clear(): void {
    this.#do((panel) => panel.queue.clear());
  }

  /** Opens the browser's file picker; browsers allow it only while they handle a click or a key. */
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
        this.#tellProblem();
        this.reportValidity();
      },
    });
    this.#panel = panel;
    panel.use(this.#givenQueue);
    panel.showStored(this.#storedFiles);
    panel.joinForm(this.form);
    this.requestUpdate();
    return this.#panel;
  }

  /** Passes a command about one file on, with its arguments as they were given. */
  #command(name: 'cancel' | 'pause' | 'resume' | 'retry' | 'removeFile', ids: readonly unknown[]): void {
    if (ids.length > 0 && (typeof ids[0] !== 'string' || ids[0] === '')) {
      throw new TypeError(`${name}() needs the id of an item (item.id), not ${JSON.stringify(ids[0]) ?? 'undefined'}.`);
    }
    this.#do((panel) => panel.queue[name](...(ids as [string])));
  }

  /** Whether files are being uploaded, or will be as soon as they are in the list. */
  get #isWorking(): boolean {
    return this.#taking > 0 || this.#panel?.isWorking === true;
  }

  /** What keeps the form from being submitted. */
  get #problem(): FormProblem | readonly [] {
    const messages = this.#shell;
    if (this.#isNotLoaded) return ['customError', messages.notLoaded];
    const unstored = this.#panel?.unstored;
    if (unstored !== undefined) return ['customError', unstored];
    if (this.#isWorking) return this.submit === 'wait' ? [] : ['customError', messages.stillUploading];
    const { length } = this.value;
    if (this.required && length === 0) return ['valueMissing', messages.missing];
    const minFiles = readCount('min-files', this.minFiles) ?? 0;
    return length < minFiles ? ['rangeUnderflow', messages.minFiles(minFiles)] : [];
  }

  #tellProblem(): void {
    const problem = this.#problem;
    const anchor = problem[0] === 'customError' ? this.#panel?.unstoredAnchor : undefined;
    this.#form.setProblem(problem, anchor ?? this.shadowRoot?.querySelector<HTMLElement>('.choose'));
  }

  /** At once where the panel is there; after it, where it is on its way; there is nothing to be done without it. */
  #do(act: (panel: Panel) => void): void {
    const perform = (panel: Panel): void => {
      panel.configureIfPending();
      act(panel);
    };
    if (this.#panel !== undefined) perform(this.#panel);
    else void this.#loading?.then(perform, () => undefined);
  }

  /** Takes what the visitor has chosen; it is kept while the panel cannot be loaded. */
  async #take(...chosen: readonly Chosen[]): Promise<void> {
    if (this.isDisabled) return;
    this.#chosen = [...this.#chosen, ...chosen];
    await this.#whileTaking(async () => {
      let panel: Panel;
      try {
        panel = await this.#load();
      } catch (error) {
        this.#isNotLoaded = this.#chosen.length > 0;
        warnOnce(`what uploading needs could not be loaded. ${String(error)}`);
        window.addEventListener('online', () => void this.#take(), { once: true });
        return;
      }
      this.#isNotLoaded = false;
      const all = this.#chosen;
      this.#chosen = [];
      for (const one of all) await panel.take(one);
    });
  }

  /** Stops a submit while files are chosen and what decides about it is still being loaded. */
  readonly #stopEarlySubmit = (event: SubmitEvent): void => {
    const { form } = this;
    if (this.#panel !== undefined || this.#taking === 0 || form === null || form !== event.currentTarget) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    void this.#loading?.then(
      (panel) => panel.replaySubmit(form, event.submitter),
      () => this.reportValidity(),
    );
  };

  /** A form is held from the very moment in which files are chosen, which may be before they are in the list. */
  async #whileTaking<T>(act: () => Promise<T>): Promise<T> {
    this.#taking += 1;
    this.#tellProblem();
    this.form?.addEventListener('submit', this.#stopEarlySubmit, true);
    try {
      return await act();
    } finally {
      this.#taking -= 1;
      this.requestUpdate();
    }
  }

  #handleInput(event: Event): void {
    const input = event.currentTarget as HTMLInputElement;
    const files = [...(input.files ?? [])];
    input.value = ''; // the same file can be chosen again
    if (files.length > 0) void this.#take({ files });
  }

  /** A click anywhere in the area opens the picker, unless the page prevents it or it was meant for something else. */
  #handleZoneClick(event: MouseEvent): void {
    const inside = event.composedPath();
    const isForOther = inside
      .slice(0, inside.indexOf(event.currentTarget as EventTarget))
      .some((target) => target instanceof Element && target.matches('a, input, label, select, textarea'));
    if (!isForOther && !event.defaultPrevented) this.openFilePicker();
  }

  override render(): TemplateResult {
    return html`<div class="width"></div>
      ${this.#renderDropzone()} ${this.items.length === 0 ? html`<slot name="empty"></slot>` : this.#panel?.render()}
      <slot name="footer"></slot>
      <div class="spoken" role="status">${this.#panel?.spoken}</div>`;
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
            ${this.#isNotLoaded ? html`<p class="rules" part="rules" role="alert">${messages.notLoaded}</p>` : this.#renderRules()}
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
          capture=${ifDefined(this.capture as 'user' | 'environment' | undefined)}
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
