import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { warnOnce } from '../core/shared/warn-once.js';
import { isText, itemsOf, type TransferItem } from './transfer.js';

/*
 * Drag-and-drop policy, shared by all uploaders of a page:
 *
 * 1. Only drags of files count. Drags that started in the page are ignored: browsers also report its images as files.
 * 2. The target is searched from the innermost node outwards: an uploader, a `drop-target`, a file input or editable
 *    text. The first match wins, but text fields only count if no ancestor accepts files.
 * 3. On an uploader, the event is handled in the capture phase on `window`, so the page cannot stop it.
 * 4. A `drop-target` gets the event unless a listener inside it has prevented it: nested components may handle drags.
 * 5. File inputs, editors and events prevented anywhere in the page are left alone. To detect the latter, an event
 *    without a target is handled by its last listener, which forbids the drop so that the browser does not open the file.
 * 6. If propagation is stopped before that listener runs, the next event on the same node is handled in the capture
 *    phase: browsers send `dragover` continuously.
 * 7. The highlight depends on the last event only. It ends after a period without events and when the drag is over.
 */

/** Properties that the controller reads from its element. */
export interface DropHost extends ReactiveControllerHost, HTMLElement {
  /** Whether drops are refused; the browser still does not open the files. */
  readonly isDisabled: boolean;
  /** Additional drop target: a selector, or `document`. */
  readonly dropTarget: string | undefined;
  /** Where pasted files are accepted: `self`, `document` or `off`. */
  readonly paste: string | undefined;
}

type ItemsHandler = (items: readonly TransferItem[], isPasted: boolean) => void;

/** Handles files that are dropped on the element or its drop target, or pasted. */
export class DropController implements ReactiveController {
  readonly host: DropHost;
  readonly #onItems: ItemsHandler;
  #listening: AbortController | undefined;

  constructor(host: DropHost, onItems: ItemsHandler) {
    this.host = host;
    this.#onItems = onItems;
    host.addController(this);
  }

  /** Whether files are being dragged over the element and would be accepted. */
  get isDragging(): boolean {
    return highlighted === this;
  }

  hostConnected(): void {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    // Not all events propagate from a shadow root to the window, and a closed root hides their target.
    for (const node of [this.host, this.host.shadowRoot]) {
      for (const type of DRAG_EVENTS)
        node?.addEventListener(type, handleDragEvent as EventListener, { capture: true, signal });
    }
    const onPaste = (event: ClipboardEvent): void => this.#paste(event);
    this.host.addEventListener('paste', onPaste, { signal });
    window.addEventListener('paste', onPaste, { signal });
    if (controllers.size === 0) listen();
    controllers.add(this);
  }

  hostDisconnected(): void {
    this.#listening?.abort();
    controllers.delete(this);
    if (this.isDragging) highlight(undefined);
    if (controllers.size > 0) return;
    listening?.abort();
    endDrag();
  }

  /** Whether a node matches `drop-target`. */
  isDropTarget(node: EventTarget): boolean {
    const { dropTarget: selector } = this.host;
    if (!selector) return false;
    if (selector === 'document') return node === document.body || node === document;
    try {
      return node instanceof Element && node.matches(selector);
    } catch {
      warnOnce(`drop-target="${selector}" is not a valid selector. The value is ignored.`);
      return false;
    }
  }

  /** Handles a drag event that belongs to the element. */
  handle(event: DragEvent, transfer: DataTransfer): void {
    event.preventDefault();
    const { isDisabled } = this.host;
    const allowed = transfer.effectAllowed.toLowerCase();
    const effect = EFFECTS.find((one) => allowed.includes(one)) ?? 'copy';
    const setEffect = (): void => void (transfer.dropEffect = isDisabled ? 'none' : effect);
    setEffect();
    after(window, event, setEffect); // overrides pages that forbid drops everywhere to keep the browser from opening files
    highlight(isDisabled || event.type === 'drop' ? undefined : this);
    if (!isDisabled && event.type === 'drop') this.#onItems(itemsOf(transfer), false);
  }

  #paste(event: ClipboardEvent): void {
    const { clipboardData: transfer, currentTarget, defaultPrevented } = event;
    const { paste: where = 'self', isDisabled } = this.host;
    if (where === 'off' || (currentTarget === window && where !== 'document')) return;
    if (transfer === null || defaultPrevented || isDisabled) return;
    const items = itemsOf(transfer);
    if (items.length === 0 || isText(transfer)) return;
    event.preventDefault();
    this.#onItems(items, true);
  }
}

const DRAG_EVENTS = ['dragenter', 'dragover', 'dragleave', 'drop'] as const;
const FILE_INPUT = 'input[type=file]:enabled';
const EFFECTS = ['copy', 'link', 'move'] as const;

/** Milliseconds without events until a drag is considered over: browsers send one at least every 350 ms. */
const IDLE_TIMEOUT = 1500;

const controllers = new Set<DropController>();
let listening: AbortController | undefined;
let highlighted: DropController | undefined;
let idleTimer: ReturnType<typeof setTimeout> | undefined;
/** The `dragstart` of a drag that started in the page, and whether that drag is over. */
let ownDragStart: DragEvent | undefined;
let hasOwnDragEnded = false;
/** The node that the drag entered last. */
let lastEntered: EventTarget | undefined;

/** A drag event while it propagates. */
interface Dispatch {
  readonly event: DragEvent;
  readonly origin: EventTarget | undefined;
  /** Whether to handle it in the capture phase, because propagation of an earlier event was stopped. */
  readonly isEarly: boolean;
  isDecided: boolean;
}
let current: Dispatch | undefined;
/** The last `dragover`. */
let lastOver: Dispatch | undefined;
/** Removes the listeners that wait for the current event. */
let pending = new AbortController();

function listen(): void {
  listening = new AbortController();
  const { signal } = listening;
  const on = <T extends Event>(type: string, act: (event: T) => void): void =>
    window.addEventListener(type, (event) => act(event as T), { capture: true, signal });
  for (const type of DRAG_EVENTS) on(type, handleDragEvent);
  on<DragEvent>('dragstart', (event) => {
    ownDragStart = event;
    hasOwnDragEnded = false;
  });
  // None of these events fires during a drag, except that Chromium moves the pointer just before a drop.
  for (const type of ['dragend', 'pointermove', 'mousemove', 'keydown', 'visibilitychange']) {
    on<MouseEvent>(type, ({ buttons }) => {
      if (buttons) return;
      hasOwnDragEnded = true;
      highlight(undefined);
      if (type === 'dragend') endDrag();
    });
  }
}

/** Resets the drag state and releases the nodes that it references. */
function endDrag(): void {
  ownDragStart = hasOwnDragEnded ? undefined : ownDragStart;
  lastEntered = current = lastOver = undefined;
  highlight(undefined);
}

function highlight(controller: DropController | undefined): void {
  if (controller === highlighted) return;
  const before = highlighted;
  highlighted = controller;
  before?.host.requestUpdate();
  controller?.host.requestUpdate();
}

/** Handles an event on `window`, then on uploaders, whose path includes nodes inside closed shadow roots. */
function handleDragEvent(event: DragEvent): void {
  const { type, dataTransfer: transfer } = event;
  const path = event.composedPath();
  const [origin] = path;
  if (type === 'dragleave') {
    // The drag entered no other node, so it has left the window.
    if (origin === lastEntered) highlight(undefined);
    return;
  }
  if (type === 'dragenter') lastEntered = origin;
  if (current?.event !== event) {
    pending.abort();
    pending = new AbortController();
    clearTimeout(idleTimer);
    idleTimer = setTimeout(endDrag, IDLE_TIMEOUT);
    if (type !== 'drop' && hasOwnDragEnded) ownDragStart = undefined;
    const wasStopped =
      lastOver?.origin === origin && (lastOver?.isEarly || !(lastOver?.isDecided || lastOver?.event.defaultPrevented));
    current = { event, origin, isEarly: type !== 'dragenter' && wasStopped, isDecided: false };
    lastOver = type === 'dragover' ? current : type === 'drop' ? undefined : lastOver;
  }
  if (current.isDecided) return;
  if (transfer?.types.includes('Files') && ownDragStart?.defaultPrevented !== false) route(current, path, transfer);
  else {
    current.isDecided = true;
    highlight(undefined);
  }
}

/** Finds the target of the drag, from the innermost node outwards. */
function route(dispatch: Dispatch, path: readonly EventTarget[], transfer: DataTransfer): void {
  const { event } = dispatch;
  let isEditor = false;
  for (const [index, node] of path.entries()) {
    const uploader = [...controllers].find(({ host }) => host === node || host.shadowRoot === node);
    if (uploader !== undefined) {
      dispatch.isDecided = true;
      uploader.handle(event, transfer);
      return;
    }
    isEditor = matches(node, '[contenteditable]:not([contenteditable=false])');
    if (isEditor || matches(node, FILE_INPUT)) break;
    const target = [...controllers].find((controller) => controller.isDropTarget(node));
    if (target !== undefined) {
      decide(dispatch, path[index - 1], () => target.handle(event, transfer));
      return;
    }
    if (isClosed(node)) return;
  }
  highlight(undefined);
  const place = path.find((node) => node instanceof Element);
  const isField = matches(place, ':read-write');
  const isDrop = event.type === 'drop';
  // Editors in Firefox and WebKit insert dropped images; Chromium opens them.
  if (matches(place, FILE_INPUT) || (isEditor && !(isDrop && 'chrome' in window)) || (isField && !isDrop)) {
    dispatch.isDecided = true;
    return;
  }
  decide(dispatch, window, () => {
    event.preventDefault();
    transfer.dropEffect = 'none';
  });
}

/**
 * Whether a node may have a closed shadow root that contains a file target: an uploader, which handles the event itself,
 * or a file input.
 */
function isClosed(node: EventTarget): boolean {
  const isComponent = node instanceof HTMLElement && node.localName.includes('-');
  return isComponent && node.shadowRoot === null && node.innerHTML.trim() === '';
}

/** Calls `act` after all listeners of a node have run, unless one of them has prevented the event. */
function decide(dispatch: Dispatch, node: EventTarget | undefined, act: () => void): void {
  const { event, isEarly } = dispatch;
  const decideNow = (): void => {
    if (dispatch.isDecided) return;
    dispatch.isDecided = true;
    if (event.defaultPrevented) highlight(undefined);
    else act();
  };
  if (isEarly) decideNow();
  else if (node !== undefined) after(node, event, decideNow);
  else {
    dispatch.isDecided = true;
    act();
  }
}

/** Calls `act` after all listeners that the node has now. */
function after(node: EventTarget, { type }: Event, act: () => void): void {
  node.addEventListener(type, act, { once: true, signal: pending.signal });
}

function matches(node: EventTarget | undefined, selector: string): boolean {
  return node instanceof Element && node.matches(selector);
}
