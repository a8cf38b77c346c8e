import { adoptStyles, html, nothing, type TemplateResult } from 'lit';
import { readableAccept } from '../core/accept-tokens.js';
import { confirmEndpoint } from '../core/confirm-endpoint.js';
import { createUploadQueue } from '../core/create-upload-queue.js';
import { tokenEndpoint } from '../core/token-endpoint.js';
import { toOrigin } from '../core/up-origin.js';
import { warnOnce } from '../core/warn-once.js';
import type { UploadEventMap } from '../core/upload-events.js';
import { countRunning, type UploadItem } from '../core/upload-item.js';
import type { UploadQueue } from '../core/upload-queue.js';
import type { FileEntry, StoredFile } from '../core/upload-queue-settings.js';
import { loadMessages, type Locale } from '../i18n/load-messages.js';
import type { Messages } from '../i18n/messages.js';
import { Announcer } from './announcer.js';
import { readCount, readSize } from './attributes.js';
import { FormValueMaker, readFormState, type FormValue, type ValueFormat } from './form-values.js';
import type { ItemActions } from './item-view.js';
import { ListView } from './list-view.js';
import { listStyles } from './list.styles.js';
import { readCompress, readHosts, readListType, readMethod, readPixels } from './panel-attributes.js';
import { QueueController } from './queue-controller.js';
import type { QiniuUploader } from './qiniu-uploader.js';
import { styles } from './qiniu-uploader.styles.js';
import { Thumbnails } from './thumbnails.js';
import { namePasted, pickedFiles, readTransfer } from './transferred-files.js';
import { isFinished, totalView, type TotalAction } from './total-view.js';
import type { TransferItem } from './transfer.js';
import { WorkGuard } from './work-guard.js';

/** What a visitor has chosen: in the picker, or by a drop or a paste. */
export type Chosen =
  { readonly files: readonly File[] } | { readonly items: readonly TransferItem[]; readonly isPasted: boolean };

/** Files that are added at once; the first of them are seen as soon as the browser draws. */
const SLICE = 250;

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
  #formLeft: AbortController | undefined;
  readonly #formValue = new FormValueMaker();
  /** Whether a submit waits. */
  #awaiting = false;
  #locale: Locale;

  constructor(host: QiniuUploader, locale: Locale, messages: Messages) {
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
    if (host.renderRoot instanceof ShadowRoot) adoptStyles(host.renderRoot, [styles, listStyles]);
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
    this.#queue.use(queue);
    this.#formValue.forget();
  }

  /** The element's custom states that follow from its files. */
  get states(): Readonly<Record<'busy' | 'paused' | 'error' | 'done' | 'full', boolean>> {
    const { counts, size } = this.queue;
    const all = size - counts.rejected - counts.cancelled;
    const isBusy = countRunning(counts) > 0;
    const maxFiles = this.#maxFiles;
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

  /** What a form is sent, and what the browser keeps of it. */
  get formValue(): FormValue {
    return this.#formValue.make(this.queue.items, this.#valueFormat);
  }

  /** What the form is to be told of it now. */
  get toldFormValue(): FormValue {
    return this.#formValue.tell(this.queue.items, this.#valueFormat, this.isWorking);
  }

  /** The files of a state that the browser kept. */
  readState(state: unknown): readonly StoredFile[] {
    return readFormState(state);
  }

  /** Shows stored files in the place of those that were shown so before. */
  showStored(files: readonly StoredFile[]): void {
    for (const item of this.queue.items) {
      if (item.status === 'done' && item.result.source === 'stored') this.queue.remove(item.id);
    }
    this.queue.addStored(files);
    this.#formValue.forget();
  }

  /** With `submit="wait"` a submit waits until nothing is uploading any more, and is then made again. */
  joinForm(form: HTMLFormElement | null): void {
    this.#formLeft?.abort();
    this.#formLeft = new AbortController();
    const { signal } = this.#formLeft;
    form?.addEventListener(
      'submit',
      (event) => {
        if (this.#host.submit !== 'wait' || !this.isWorking) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        if (this.#awaiting) return;
        this.#awaiting = true;
        const again = (): void => {
          this.#awaiting = false;
          void this.#host.updateComplete.then(() => form.requestSubmit(event.submitter));
        };
        this.#host.addEventListener('uploads-complete', again, { once: true, signal });
      },
      { capture: true, signal },
    );
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

  /** Takes what was chosen; a folder of thousands is added in slices, so that the page answers meanwhile. */
  async take(chosen: Chosen): Promise<void> {
    const read = 'files' in chosen ? pickedFiles(chosen.files) : await readTransfer(chosen.items);
    const files = 'isPasted' in chosen && chosen.isPasted ? read.map(namePasted) : read;
    const slice = this.#host.takesSeveral ? SLICE : files.length;
    for (let begin = 0; begin < files.length; begin += slice) {
      if (begin > 0) await new Promise((resolve) => setTimeout(resolve));
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
    for (const { id, status } of before) if (replaces || status === 'rejected') this.queue.remove(id);
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
        const entry = other instanceof File ? { file: other, path: other.webkitRelativePath } : other;
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

  /** What is set on the element, as the queue's settings. */
  configure(): void {
    if (this.#queue.isShared) return;
    const { tokenEndpoint: url, tokenProvider, tokenHeaders: headers, accept, region, domain, manual } = this.#host;
    const { confirmEndpoint: confirmUrl, confirmProvider } = this.#host;
    const method = readMethod(this.#host.tokenMethod);
    this.queue.configure({
      tokenProvider: tokenProvider ?? (url ? tokenEndpoint({ url, method, headers }) : undefined),
      rules: {
        accept,
        maxSize: readSize('max-size', this.#host.maxSize),
        minSize: readSize('min-size', this.#host.minSize),
        maxTotalSize: readSize('max-total-size', this.#host.maxTotalSize),
        maxFiles: this.#maxFiles,
        minImageSize: readPixels('min-image-size', this.#host.minImageSize),
        maxImageSize: readPixels('max-image-size', this.#host.maxImageSize),
      },
      confirmProvider: confirmProvider ?? (confirmUrl ? confirmEndpoint({ url: confirmUrl, headers }) : undefined),
      retries: readCount('retries', this.#host.retries, 0) ?? 5,
      resumeScope: url ? new URL(url, document.baseURI).href : '',
      duplicates: this.#host.duplicates === 'allow' ? 'allow' : 'reject',
      concurrency: readCount('concurrency', this.#host.concurrency) ?? 6,
      upHosts: readHosts(this.#host.upHost, toOrigin),
      validator: this.#host.validator,
      beforeUpload: this.#host.beforeUpload,
      compress: readCompress(this.#host.compress),
      region,
      domain,
      manual,
    });
  }

  /** To be called before each rendering. */
  prepare(): void {
    const { messages } = this.#host;
    if (messages !== this.#ownMessages) {
      this.#ownMessages = messages;
      this.#messages = { ...this.#loaded, ...messages };
    }
    this.#thumbnails.keep((id) => this.queue.get(id) !== undefined);
  }

  render(): TemplateResult | typeof nothing {
    if (this.#host.listType === 'none') return nothing;
    const { items } = this.queue;
    return html`<div class="files">
      ${totalView(this.queue, { messages: this.#messages, act: (action) => this.#actOnAll(action) })}
      ${this.#list.render(items, {
        type: readListType(this.#host.listType),
        messages: this.#messages,
        actions: this.#actions,
        thumbnails: this.#thumbnails,
        isDisabled: this.#host.isDisabled,
        template: this.#host.itemTemplate,
      })}
    </div>`;
  }

  /** Without `multiple` one file is taken, whatever `max-files` says. */
  get #maxFiles(): number | undefined {
    const maxFiles = readCount('max-files', this.#host.maxFiles);
    if (this.#host.takesSeveral || maxFiles === undefined) return maxFiles;
    if (maxFiles > 1) warnOnce(`max-files="${maxFiles}" needs "multiple". One file is taken.`);
    return undefined;
  }

  get #valueFormat(): ValueFormat {
    return this.#host.valueFormat === 'json' ? 'json' : 'key';
  }

  #actOnAll(action: TotalAction): void {
    switch (action) {
      case 'pauseAll':
        this.queue.pause();
        break;
      case 'resumeAll':
        this.queue.resume();
        break;
      case 'retryAll':
        this.queue.retry();
        break;
      case 'cancelAll':
        this.queue.cancel();
        break;
      case 'clearFinished':
        for (const item of this.queue.items.filter(isFinished)) this.queue.remove(item.id);
        break;
    }
  }

  #listenForOutcomes(): void {
    const note = (type: keyof UploadEventMap, kind: Parameters<Announcer['note']>[0]): void =>
      this.#host.addEventListener(type, (event) =>
        this.#announcer.note(kind, (event.detail as { item: UploadItem }).item),
      );
    for (const type of ['upload-success', 'file-remove'] as const) {
      this.#host.addEventListener(type, () => this.#formValue.forget());
    }
    note('upload-success', 'done');
    note('upload-unconfirmed', 'unconfirmed');
    note('upload-error', 'failed');
    note('upload-cancel', 'cancelled');
    note('file-reject', 'rejected');
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
    this.queue.remove(item.id);
    this.#announcer.note('removed', item);
    this.#host.requestUpdate(); // the queue's own notice comes a moment later
  }
}
