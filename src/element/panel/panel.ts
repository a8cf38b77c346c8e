import { adoptStyles, html, nothing, type TemplateResult } from 'lit';
import { readableAccept } from '../../core/files/accept-tokens.js';
import { createUploadQueue } from '../../core/queue/create-upload-queue.js';
import type { UploadEventMap } from '../../core/items/upload-events.js';
import { isFile } from '../../core/files/upload-file.js';
import { countRunning, type UploadItem } from '../../core/items/upload-item.js';
import type { UploadQueue } from '../../core/queue/upload-queue.js';
import type { FileEntry, StoredFile } from '../../core/queue/queue-options.js';
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
import type { QiniuUploader } from '../qiniu-uploader.js';
import { styles } from '../qiniu-uploader.styles.js';
import { readMaxFiles, SettingsReader } from './settings-reader.js';
import { summaryStyles } from './summary.styles.js';
import { SubmitHold, type SubmitHoldOptions } from './submit-hold.js';
import { Thumbnails } from './thumbnails.js';
import { namePasted, pickedFiles, readTransfer } from './transferred-files.js';
import { isFinished, totalView, type TotalAction } from './total-view.js';
import type { TransferItem } from '../transfer.js';
import { remedyFor, unstoredMessage } from './unstored.js';
import { WorkGuard } from './work-guard.js';

/** What a visitor has chosen: in the picker, or by a drop or a paste. */
export type Chosen =
  { readonly files: readonly File[] } | { readonly items: readonly TransferItem[]; readonly isPasted: boolean };

/** Files that are added at once; the first of them are seen as soon as the browser draws. */
const SLICE = 250;

/** What the element hands to its panel. */
export interface PanelOptions extends Pick<SubmitHoldOptions, 'isWorking' | 'isHeld' | 'report'> {
  readonly locale: Locale;
  readonly messages: Messages;
}

/**
 * What the element needs from the first file on: the queue, the list that shows it, and what is said about it.
 *
 * It is loaded with the first file, or as soon as somebody seems about to choose one.
 */
export class Panel {
  readonly #host: QiniuUploader;
  readonly #queue: QueueController;
  readonly #announcer: Announcer;
  readonly #thumbnails: Thumbnails;
  readonly #list: ListView;
  /** As they were loaded. */
  #loaded: Messages;
  /** With the page's own. */
  #messages: Messages;
  #ownMessages: Partial<Messages> | undefined;
  readonly #field: FormField;
  readonly #submitHold: SubmitHold;
  readonly #settings = new SettingsReader();
  #locale: Locale;
  /** Counts the form's resets: what was chosen before one is not added after it. */
  #resets = 0;
  /** Whether the summary is shown: above several files, and then for as long as one needs attention. */
  #hasTotal = false;

  constructor(host: QiniuUploader, control: FormControl, options: PanelOptions) {
    const { locale, messages } = options;
    this.#host = host;
    this.#locale = locale;
    this.#loaded = messages;
    this.#messages = messages;
    this.#queue = new QueueController(host, createUploadQueue());
    this.#announcer = new Announcer(host, () => this.#messages);
    this.#thumbnails = new Thumbnails(host);
    this.#list = new ListView(host, (count) =>
      this.#announcer.say(this.#messages.found(count, this.queue.items.length)),
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
      announceWait: () => this.#announcer.say(this.#messages.stillUploading),
      announce: (text) => {
        this.#announcer.say(text);
        if (this.unstored !== undefined) this.unstoredAnchor?.focus();
      },
    });
    if (host.renderRoot instanceof ShadowRoot) adoptStyles(host.renderRoot, [styles, summaryStyles, listStyles]);
    this.#listenForOutcomes();
    this.configure();
  }

  /** What is in the live region. */
  get spoken(): string {
    return this.#announcer.text;
  }

  get queue(): UploadQueue {
    return this.#queue.queue;
  }

  /** Takes the page's queue, or goes back to the element's own. */
  use(queue: UploadQueue | undefined): void {
    this.#field.quietly(() => this.#queue.use(queue));
  }

  /** The element's custom states that follow from its files. */
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

  /** The host's `accept` as pickers read it. */
  get accept(): string | undefined {
    const { accept } = this.#host;
    return accept && readableAccept(accept);
  }

  /** Whether something is uploading, or will be by itself. */
  get isWorking(): boolean {
    const { counts } = this.queue;
    return countRunning(counts) > 0 || (counts.queued > 0 && !this.#host.manual);
  }

  /** What a form is sent. */
  get formValues(): readonly string[] {
    return this.#field.values;
  }

  /** Why a form must not be submitted yet: files that were chosen are not stored. */
  get unstored(): string | undefined {
    const { counts, items, size } = this.queue;
    const isAllWell = counts.done + countRunning(counts) + (this.#host.manual ? 0 : counts.queued) === size;
    return isAllWell ? undefined : unstoredMessage(items, !this.#host.manual, this.#messages);
  }

  /**
   * What the browser's message about it points at, and what gets the focus: the button that helps, if it is rendered,
   * never one that takes the file away.
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

  /** To be called after each rendering. */
  tellForm(): void {
    this.#field.update();
  }

  /** The files of a state that the browser kept. */
  readState(state: unknown): readonly StoredFile[] {
    return readFormState(state);
  }

  /** Shows exactly these stored files, before the uploads. */
  showStored(files: readonly StoredFile[]): void {
    this.configureIfPending();
    this.#field.quietly(() => this.queue.setStored(files));
  }

  /** Takes all files off the list but these stored ones, which come back where they were removed. */
  reset(files: readonly StoredFile[]): void {
    this.#resets += 1;
    this.#submitHold.giveUp();
    this.#field.quietly(() => {
      const kept = new Set(this.queue.setStored(files).map(({ id }) => id));
      for (const { id } of this.queue.items) if (!kept.has(id)) this.queue.removeFile(id);
    });
  }

  /** To be called with the element's form, whenever it has another one. */
  joinForm(form: HTMLFormElement | null): void {
    this.#submitHold.join(form);
  }

  /** Takes up a submit that was stopped while the panel was being loaded. */
  replaySubmit(form: HTMLFormElement, submitter: HTMLElement | null): void {
    this.#submitHold.replay(form, submitter);
  }

  /** Goes on in another language as soon as that is loaded. */
  async speak(locale: Locale): Promise<void> {
    if (locale === this.#locale) return;
    this.#locale = locale;
    try {
      const messages = await loadMessages(locale);
      if (locale !== this.#locale) return;
      this.#loaded = messages;
      this.#messages = { ...messages, ...this.#ownMessages };
      this.#host.requestUpdate();
    } catch {
      // it goes on in the language that is there
    }
  }

  /** Adds what the visitor has chosen: thousands in slices, so that the page answers meanwhile. */
  async take(chosen: Chosen): Promise<void> {
    const resets = this.#resets;
    const read = 'files' in chosen ? pickedFiles(chosen.files) : await readTransfer(chosen.items);
    const files = 'isPasted' in chosen && chosen.isPasted ? read.map(namePasted) : read;
    const slice = this.#host.takesSeveral ? SLICE : files.length;
    for (let begin = 0; begin < files.length; begin += slice) {
      if (begin > 0) await new Promise((resolve) => setTimeout(resolve));
      if (resets !== this.#resets) return;
      this.add(files.slice(begin, begin + slice));
    }
  }

  /** Adds files as if they had been chosen. @throws {TypeError} when something in the list is not a `File` */
  add(files: readonly (File | FileEntry)[]): readonly UploadItem[] {
    this.configureIfPending();
    if (this.#host.takesSeveral) return this.queue.add(files);
    const before = this.queue.items;
    const added = this.#addOne(files);
    // One file at a time: a new one takes the old one's place, but a file that is refused costs nothing.
    const replaces = added.some(({ status }) => status !== 'rejected');
    for (const { id, status } of before) if (replaces || status === 'rejected') this.queue.removeFile(id);
    return added;
  }

  /** Adds the first file that is taken; those after it are listed as too many. */
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

  /** What was set a moment ago counts already, although nothing was rendered since. */
  configureIfPending(): void {
    if (this.#host.isUpdatePending) this.configure();
  }

  /** Applies what is set on the element to the queue, unless the page owns that. */
  configure(): void {
    if (!this.#queue.isShared) this.queue.configure(this.#settings.read(this.#host));
  }

  /** To be called before each rendering. */
  prepare(): void {
    const { messages } = this.#host;
    if (messages !== this.#ownMessages) {
      this.#ownMessages = messages;
      this.#messages = { ...this.#loaded, ...messages };
    }
    this.#thumbnails.keep((id) => this.queue.get(id) !== undefined);
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

  /** Stored files are the value of a form's field: only the visitor takes them away, one by one. */
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

  /** Ends the hold, and starts the files again that have failed for its reason. */
  #tryNow(): void {
    const { queue } = this;
    const code = queue.hold?.error.code;
    queue.release();
    for (const item of queue.items) if (item.status === 'failed' && item.error.code === code) queue.retry(item.id);
  }

  #listenForOutcomes(): void {
    const note = (type: keyof UploadEventMap, kind: Parameters<Announcer['note']>[0]): void =>
      this.#host.addEventListener(type, (event) =>
        this.#announcer.note(kind, (event.detail as { item: UploadItem }).item),
      );
    for (const type of ['upload-success', 'file-remove'] as const) {
      this.#host.addEventListener(type, () => this.#field.forget());
    }
    note('upload-success', 'done');
    note('upload-unconfirmed', 'unconfirmed');
    note('upload-error', 'failed');
    note('upload-cancel', 'cancelled');
    note('file-reject', 'rejected');
    this.#host.addEventListener('queue-hold', ({ detail: { hold } }) =>
      this.#announcer.say(holdText(hold, this.#messages)),
    );
  }

  readonly #actions: ItemActions = {
    cancel: ({ id }) => this.queue.cancel(id),
    pause: ({ id }) => this.queue.pause(id),
    resume: ({ id }) => this.#host.resume(id),
    retry: ({ id }) => this.#host.retry(id),
    remove: (item) => this.#removeByHand(item),
    pictureBroken: (item, url) => this.#thumbnails.markBroken(item, url),
  };

  #removeByHand(item: UploadItem): void {
    this.queue.removeFile(item.id);
    this.#announcer.note('removed', item);
    this.#host.requestUpdate(); // the queue's own notice comes a moment later
  }
}
