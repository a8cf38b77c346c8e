import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { FileEntry } from '../core/queue-options.js';
import { carriesFiles, pastedFiles, transferredFiles } from './transferred-files.js';

export interface DropOptions {
  /** Whether files are refused; the page then still does not open them. */
  readonly isDisabled: () => boolean;
  readonly onFiles: (files: readonly (File | FileEntry)[]) => void;
  /** Where files can be dropped too: a selector, or `document`. */
  readonly selector: () => string | undefined;
  /** Where files are taken that are pasted: `self`, `document` or `off`. */
  readonly paste: () => string | undefined;
  /** A folder that cannot be read. */
  readonly onError: (error: unknown) => void;
}

/**
 * Takes files that are dropped on the element, or where else it says, and that are pasted.
 *
 * A file that is dropped beside it does not take the page's place, which is what browsers do with it.
 */
export class DropController implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #target: DropOptions;
  #listening: AbortController | undefined;
  /** Events that came through the element. */
  readonly #own = new WeakSet<Event>();
  /** Elements inside the host that the drag has entered and not left. */
  #depth = 0;

  constructor(host: ReactiveControllerHost & HTMLElement, target: DropOptions) {
    this.#host = host;
    this.#target = target;
    host.addController(this);
  }

  /** Whether files hang over the element and would be taken. */
  get isDragging(): boolean {
    return this.#depth > 0 && !this.#target.isDisabled();
  }

  hostConnected(): void {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    const listen = <T extends Event>(type: string, act: (event: T) => void): void => {
      // Out of a closed shadow root the document is not told where an event began.
      this.#host.addEventListener(type, (event) => this.#own.add(event), { signal });
      document.addEventListener(type, (event) => act(event as T), { signal });
    };
    listen<DragEvent>('dragenter', (event) => this.#isMine(event) && this.#move(event, 1));
    listen<DragEvent>('dragleave', (event) => this.#isMine(event) && this.#move(event, -1));
    listen<DragEvent>('dragover', (event) => this.#over(event));
    listen<DragEvent>('drop', (event) => this.#drop(event));
    listen<ClipboardEvent>('paste', (event) => this.#paste(event));
  }

  hostDisconnected(): void {
    this.#listening?.abort();
    this.#depth = 0;
  }

  /** Whether an event of the document happened at the element, or where else it takes files. */
  #isMine(event: Event): boolean {
    if (this.#own.has(event)) return true;
    const selector = this.#target.selector();
    if (!selector) return false;
    return (
      selector === 'document' ||
      event.composedPath().some((target) => target instanceof Element && target.matches(selector))
    );
  }

  #paste(event: ClipboardEvent): void {
    const where = this.#target.paste() ?? 'self';
    const isMine = where === 'document' || (where === 'self' && this.#own.has(event));
    const files = event.clipboardData === null || !isMine ? [] : pastedFiles(event.clipboardData);
    if (files.length === 0 || event.defaultPrevented || this.#target.isDisabled()) return;
    event.preventDefault();
    this.#target.onFiles(files);
  }

  #move(event: DragEvent, step: 1 | -1): void {
    if (!carriesFiles(event.dataTransfer)) return;
    event.preventDefault();
    this.#depth = Math.max(0, this.#depth + step);
    this.#host.requestUpdate();
  }

  #over(event: DragEvent): void {
    if (!carriesFiles(event.dataTransfer)) return;
    const isMine = this.#isMine(event);
    // What is beside this element may be another one's, or the page's.
    if (!isMine && event.defaultPrevented) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = isMine && !this.#target.isDisabled() ? 'copy' : 'none';
  }

  #drop(event: DragEvent): void {
    this.#depth = 0;
    this.#host.requestUpdate();
    if (!carriesFiles(event.dataTransfer)) return;
    event.preventDefault();
    if (!this.#isMine(event) || this.#target.isDisabled() || taken.has(event)) return;
    taken.add(event);
    transferredFiles(event.dataTransfer).then(this.#target.onFiles, this.#target.onError);
  }
}

/** Drops that an element of the page has taken: two that share a target do not both. */
const taken = new WeakSet<Event>();
