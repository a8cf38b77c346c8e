import { adoptStyles, html, type LitElement, nothing, type TemplateResult } from 'lit';
import { readableAccept } from '../../core/files/accept-tokens.js';
import { createUploadQueue } from '../../core/queue/create-upload-queue.js';
import type { UploadEventMap } from '../../core/items/upload-events.js';
import type { TypedEventTarget } from '../../core/shared/typed-event-target.js';
import { isFile } from '../../core/files/upload-file.js';
import { countRunning, type UploadItem } from '../../core/items/upload-item.js';
import type { UploadQueue } from '../../core/queue/upload-queue.js';
import type { FileEntry, StoredFile } from '../../core/items/file-entry.js';
import { loadMessages, type Locale } from '../../i18n/load-messages.js';
import type { Messages } from '../../i18n/messages.js';
import { Announcer } from './announcer.js';
import type { FormControl } from '../form-control.js';
import { FormField } from './form-field.js';
import { readFormState } from './form-values.js';
import { holdText, holdView } from './hold-view.js';
import type { ItemActions } from './item-view.js';
import { ListView } from './list-view.js';
import { listStyles } from './list.styles.js';
import { readListType } from './panel-attributes.js';
import { hasProblems } from './problems.js';
import { QueueController } from './queue-controller.js';
import type { UploaderSettings } from '../uploader-settings.js';
import { styles } from '../qiniu-uploader.styles.js';
import { readMaxFiles, SettingsReader } from './settings-reader.js';
import { summaryStyles } from './summary.styles.js';
import { SubmitHold, type SubmitHoldOptions, type SubmitHost } from './submit-hold.js';
import { Thumbnails } from './thumbnails.js';
import { namePasted, pickedFiles, readTransfer } from './transferred-files.js';
import { isFinished, totalView, type TotalAction } from './total-view.js';
import type { TransferItem } from '../transfer.js';
import { remedyFor, unstoredMessage } from './unstored.js';
import { WorkGuard } from './work-guard.js';

/** Files chosen in the picker, dropped or pasted. */
export type Selection =
  { readonly files: readonly File[] } | { readonly items: readonly TransferItem[]; readonly isPasted: boolean };

/** Number of files added per task, so that the browser can render in between. */
const BATCH_SIZE = 250;

/** Options that the element passes to its panel. */
export interface PanelOptions extends Pick<SubmitHoldOptions, 'isWorking' | 'isHeld' | 'report'> {
  readonly locale: Locale;
  readonly messages: Messages;
}

/** The element, as far as its panel uses it. */
export type PanelHost = TypedEventTarget<UploadEventMap> & LitElement & UploaderSettings & SubmitHost;

/**
 * The lazily loaded part of the element: the queue, the list and the announcements.
 *
 * Loads with the first file, or on pointer, focus or drag.
 */
export class Panel {
  readonly #host: PanelHost;
  readonly #queue: QueueController;
  readonly #announcer: Announcer;
  readonly #thumbnails: Thumbnails;
  readonly #list: ListView;
  /** The built-in messages of the locale. */
  #loaded: Messages;
  /** The built-in messages with the page's overrides. */
  #messages: Messages;
  #ownMessages: Partial<Messages> | undefined;
  readonly #field: FormField;
  readonly #submitHold: SubmitHold;
  readonly #settings = new SettingsReader();
  #locale: Locale;
  /** Number of form resets: a selection made before a reset is not added after it. */
  #resets = 0;
  /** Whether the summary is visible: shown for several files, then kept while a file needs attention. */
  #hasTotal = false;

  constructor(host: PanelHost, control: FormControl, options: PanelOptions) {
    const { locale, messages } = options;
    this.#host = host;
    this.#locale = locale;
    this.#loaded = messages;
    this.#messages = messages;
    this.#queue = new QueueController(host, createUploadQueue());
    this.#announcer = new Announcer(host, () => this.#messages);
    this.#thumbnails = new Thumbnails(host);
    this.#list = new ListView(host, (count) =>
      this.#announcer.announce(this.#messages.found(count, this.queue.items.length)),
    );
    new WorkGuard(host, {
      isWorking: () => this.isWorking,
      asksToStay: () => host.leaveGuard !== 'off',
    });
    this.#field = new FormField(host, control, {
      queue: () => this.queue,
      isWorking: () => this.isWorking,
      name: () => host.name,
      format: () => (host.valueFormat === 'json' ? 'json' : 'key'),
    });
    this.#submitHold = new SubmitHold(host, {
      ...options,
      isEmpty: () => this.queue.size === 0,
      announceWait: () => this.#announcer.announce(this.#messages.stillUploading),
      announce: (text) => {
        this.#announcer.announce(text);
        if (this.unstored !== undefined) this.unstoredAnchor?.focus();
      },
    });
    if (host.renderRoot instanceof ShadowRoot) adoptStyles(host.renderRoot, [styles, summaryStyles, listStyles]);
    this.#listenForOutcomes();
    this.configure();
  }

  /** Content of the live region. */
  get announcement(): string {
    return this.#announcer.text;
  }

  get queue(): UploadQueue {
    return this.#queue.queue;
  }

  /** Switches to the page's queue, or back to the element's own. */
  useQueue(queue: UploadQueue | undefined): void {
    this.#field.withoutEvents(() => this.#queue.useQueue(queue));
  }

  /** Custom states derived from the files. */
  get states(): Readonly<Record<'busy' | 'paused' | 'error' | 'done' | 'full', boolean>> {
    const { counts, size } = this.queue;
    const all = size - counts.rejected - counts.cancelled;
    const isBusy = countRunning(counts) > 0;
    const maxFiles = readMaxFiles(this.#host);
    return {
      busy: isBusy,
      paused: counts.paused > 0 && !isBusy,
      error: counts.failed > 0,
      done: all > 0 && counts.done === all,
      full: maxFiles !== undefined && all >= maxFiles,
    };
  }

  /** The host's `accept` in a form that file pickers understand. */
  get accept(): string | undefined {
    const { accept } = this.#host;
    return accept && readableAccept(accept);
  }

  /** Whether files are uploading, or queued to start automatically. */
  get isWorking(): boolean {
    const { counts } = this.queue;
    return countRunning(counts) > 0 || (counts.queued > 0 && !this.#host.manual);
  }

  /** The values submitted with the form. */
  get formValues(): readonly string[] {
    return this.#field.values;
  }

  /** Message that explains which chosen files are not stored and block form submission; `undefined` if none. */
  get unstored(): string | undefined {
    const { counts, items, size } = this.queue;
    const hasNoProblems = counts.done + countRunning(counts) + (this.#host.manual ? 0 : counts.queued) === size;
    return hasNoProblems ? undefined : unstoredMessage(items, !this.#host.manual, this.#messages);
  }

  /**
   * Anchor of the browser's validation message, which also receives focus: the rendered button that solves the problem,
   * never one that removes the file.
   */
  get unstoredAnchor(): HTMLElement | null {
    const item = this.queue.items.find((one) => remedyFor(one, !this.#host.manual) !== undefined);
    const find = (selector: string): HTMLElement | null => this.#host.shadowRoot?.querySelector(selector) ?? null;
    return (
      find(`[data-id="${item?.id}"] :is([data-action=resume], [data-action=retry]):enabled`) ??
      find('.problems') ??
      find('.choose')
    );
  }

  /** Updates the form value. Call after each render. */
  updateForm(): void {
    this.#field.update();
  }

  /** Parses the files from restored form state. */
  readState(state: unknown): readonly StoredFile[] {
    return readFormState(state);
  }

  /** Replaces the stored files, which are listed before the uploads. */
  showStored(files: readonly StoredFile[]): void {
    this.configureIfPending();
    this.#field.withoutEvents(() => this.queue.setStored(files));
  }

  /** Resets the list to these stored files; restores those that were removed. */
  reset(files: readonly StoredFile[]): void {
    this.#resets += 1;
    this.#submitHold.cancel();
    this.#field.withoutEvents(() => {
      const kept = new Set(this.queue.setStored(files).map(({ id }) => id));
      for (const { id } of this.queue.items) if (!kept.has(id)) this.queue.removeFile(id);
    });
  }

  /** Attaches to the element's form. Call whenever the form changes. */
  joinForm(form: HTMLFormElement | null): void {
    this.#submitHold.join(form);
  }

  /** Repeats a form submission that was stopped while the panel was loading. */
  replaySubmit(form: HTMLFormElement, submitter: HTMLElement | null): void {
    this.#submitHold.replay(form, submitter);
  }

  /** Switches to another locale once its messages have loaded. */
  async setLocale(locale: Locale): Promise<void> {
    if (locale === this.#locale) return;
    this.#locale = locale;
    try {
      const messages = await loadMessages(locale);
      if (locale !== this.#locale) return;
      this.#loaded = messages;
      this.#messages = { ...messages, ...this.#ownMessages };
      this.#host.requestUpdate();
    } catch {
      // keeps the current language
    }
  }

  /** Adds a selection in batches, so that the page stays responsive with thousands of files. */
  async addSelection(selection: Selection): Promise<void> {
    const resets = this.#resets;
    const read = 'files' in selection ? pickedFiles(selection.files) : await readTransfer(selection.items);
    const files = 'isPasted' in selection && selection.isPasted ? read.map(namePasted) : read;
    const batchSize = this.#host.takesSeveral ? BATCH_SIZE : files.length;
    for (let begin = 0; begin < files.length; begin += batchSize) {
      if (begin > 0) await new Promise((resolve) => setTimeout(resolve));
      if (resets !== this.#resets) return;
      this.add(files.slice(begin, begin + batchSize));
    }
  }

  /** Adds files as if the visitor had chosen them. @throws {TypeError} if an entry is not a `File` */
  add(files: readonly (File | FileEntry)[]): readonly UploadItem[] {
    this.configureIfPending();
    if (this.#host.takesSeveral) return this.queue.add(files);
    const before = this.queue.items;
    const added = this.#addOne(files);
    // Single mode: an accepted file replaces the current one; a rejected file leaves it.
    const replaces = added.some(({ status }) => status !== 'rejected');
    for (const { id, status } of before) if (replaces || status === 'rejected') this.queue.removeFile(id);
    return added;
  }

  /** Adds files up to the first accepted one; lists the rest as `too-many-files`. */
  #addOne(files: readonly (File | FileEntry)[]): readonly UploadItem[] {
    const added: UploadItem[] = [];
    for (const [index, file] of files.entries()) {
      const items = this.queue.add([file]);
      added.push(...items);
      if (items.every(({ status }) => status === 'rejected')) continue;
      const rejected = { code: 'too-many-files', maxFiles: 1 } as const;
      const others = files.slice(index + 1).map((other) => {
        const entry = isFile(other) ? { file: other, path: other.webkitRelativePath } : other;
        return { rejected, ...entry };
      });
      return [...added, ...this.queue.add(others)];
    }
    return added;
  }

  /** Applies properties that were set since the last render. */
  configureIfPending(): void {
    if (this.#host.isUpdatePending) this.configure();
  }

  /** Applies the element's settings to the queue, unless the page owns the queue. */
  configure(): void {
    if (!this.#queue.isShared) this.queue.configure(this.#settings.read(this.#host));
  }

  /** Call before each render. */
  prepare(): void {
    const { messages } = this.#host;
    if (messages !== this.#ownMessages) {
      this.#ownMessages = messages;
      this.#messages = { ...this.#loaded, ...messages };
    }
    this.#thumbnails.retain((id) => this.queue.get(id) !== undefined);
    const { size, counts } = this.queue;
    this.#hasTotal = size > 1 || (this.#hasTotal && size > 0 && hasProblems(counts));
  }

  render(): TemplateResult | typeof nothing {
    if (this.#host.listType === 'none') return nothing;
    const list = this.#list.render(this.queue.items, {
      type: readListType(this.#host.listType),
      messages: this.#messages,
      actions: this.#actions,
      thumbnails: this.#thumbnails,
      isDisabled: this.#host.isDisabled,
      template: this.#host.itemTemplate,
    });
    const total = totalView(this.queue, {
      messages: this.#messages,
      act: (action) => this.#actOnAll(action),
      keepsStored: this.#keepsStored,
      isFiltered: this.#list.isFiltered,
      toggleFilter: this.#list.toggleFilter,
    });
    const hold = holdView(this.queue, { messages: this.#messages, tryNow: () => this.#tryNow() });
    return html`<div class="files">${hold} ${this.#hasTotal ? total : nothing} ${list}</div>`;
  }

  /** Whether stored files are a form value, so that only the visitor removes them, one at a time. */
  get #keepsStored(): boolean {
    return Boolean(this.#host.name);
  }

  #actOnAll(action: TotalAction): void {
    switch (action) {
      case 'pauseAll':
        this.queue.pauseAll();
        break;
      case 'resumeAll':
        this.queue.resumeAll();
        break;
      case 'retryAll':
        this.queue.retryAll();
        break;
      case 'cancelAll':
        this.queue.cancelAll();
        break;
      case 'clearFinished':
        for (const { id } of this.queue.items.filter((item) => isFinished(item, this.#keepsStored))) {
          this.queue.removeFile(id);
        }
        break;
    }
  }

  /** Ends the hold and retries the files that failed with the same error code. */
  #tryNow(): void {
    const { queue } = this;
    const code = queue.hold?.error.code;
    queue.release();
    for (const item of queue.items) if (item.status === 'failed' && item.error.code === code) queue.retry(item.id);
  }

  #listenForOutcomes(): void {
    const announce = (type: keyof UploadEventMap, kind: Parameters<Announcer['addOutcome']>[0]): void =>
      this.#host.addEventListener(type, (event) =>
        this.#announcer.addOutcome(kind, (event.detail as { item: UploadItem }).item),
      );
    for (const type of ['upload-success', 'file-remove'] as const) {
      this.#host.addEventListener(type, () => this.#field.invalidate());
    }
    announce('upload-success', 'done');
    announce('upload-unconfirmed', 'unconfirmed');
    announce('upload-error', 'failed');
    announce('upload-cancel', 'cancelled');
    announce('file-reject', 'rejected');
    this.#host.addEventListener('queue-hold', ({ detail: { hold } }) =>
      this.#announcer.announce(holdText(hold, this.#messages)),
    );
  }

  readonly #actions: ItemActions = {
    cancel: ({ id }) => this.queue.cancel(id),
    pause: ({ id }) => this.queue.pause(id),
    resume: ({ id }) => {
      this.configureIfPending();
      this.queue.resume(id);
    },
    retry: ({ id }) => {
      this.configureIfPending();
      this.queue.retry(id);
    },
    remove: (item) => this.#removeByHand(item),
    pictureBroken: (item, url) => this.#thumbnails.markBroken(item, url),
  };

  #removeByHand(item: UploadItem): void {
    this.queue.removeFile(item.id);
    this.#announcer.addOutcome('removed', item);
    this.#host.requestUpdate(); // the queue notifies later
  }
}
