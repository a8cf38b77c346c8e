import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { FileEntry } from '../core/upload-queue-settings.js';
import { carriesFiles, transferredFiles } from './transferred-files.js';

export interface DropTarget {
  /** Whether files are refused; the page then still does not open them. */
  readonly isDisabled: () => boolean;
  readonly onFiles: (files: readonly (File | FileEntry)[]) => void;
  /** A folder that cannot be read. */
  readonly onError: (error: unknown) => void;
}

/** Takes files that are dropped on the element. */
export class DropController implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #target: DropTarget;
  #listening: AbortController | undefined;
  /** Elements inside the host that the drag has entered and not left. */
  #depth = 0;

  constructor(host: ReactiveControllerHost & HTMLElement, target: DropTarget) {
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
    this.#host.addEventListener('dragenter', (event) => this.#move(event, 1), { signal });
    this.#host.addEventListener('dragleave', (event) => this.#move(event, -1), { signal });
    this.#host.addEventListener('dragover', (event) => this.#over(event), { signal });
    this.#host.addEventListener('drop', (event) => this.#drop(event), { signal });
  }

  hostDisconnected(): void {
    this.#listening?.abort();
    this.#depth = 0;
  }

  #move(event: DragEvent, step: 1 | -1): void {
    if (!carriesFiles(event.dataTransfer)) return;
    event.preventDefault();
    this.#depth = Math.max(0, this.#depth + step);
    this.#host.requestUpdate();
  }

  #over(event: DragEvent): void {
    if (!carriesFiles(event.dataTransfer)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = this.#target.isDisabled() ? 'none' : 'copy';
  }

  #drop(event: DragEvent): void {
    if (!carriesFiles(event.dataTransfer)) return;
    event.preventDefault();
    this.#depth = 0;
    this.#host.requestUpdate();
    if (this.#target.isDisabled()) return;
    transferredFiles(event.dataTransfer).then(this.#target.onFiles, this.#target.onError);
  }
}
