import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { warnOnce } from '../core/shared/warn-once.js';
import { isText, itemsOf, type TransferItem } from './transfer.js';

/*
 * The policy for drags, for all elements of a page together.
 *
 * 1. Only drags of files count, and not those that began in the page: its pictures are files to browsers too.
 * 2. Whose a place is, is decided from the inside out: an uploader, what a `drop-target` names, a file input or text
 *    that can be edited. What comes first has it; fields for text count only where nothing around them takes files.
 * 3. On an uploader the drag is handled on its way down, in `window`: nothing in the page can stop it there.
 * 4. A drop target has what nothing inside it has prevented: components inside it handle drags themselves.
 * 5. A file input and an editor are left alone, as is everything that prevents the event anywhere in the page. To see
 *    that, a place that is nobody's is decided by the last listener of the event: files cannot be dropped there, so that
 *    the browser does not open them.
 * 6. Where an event does not get as far as that, because something stops it, the next one of the same place is decided
 *    on its way down: browsers send `dragover` all the time.
 * 7. What is highlighted follows from the last event alone. It ends when nothing more is heard, and with every sign that
 *    the drag is over.
 */

/** What an element says about the files that it takes. */
export interface DropHost extends ReactiveControllerHost, HTMLElement {
  /** Whether files are refused; the page then still does not open them. */
  readonly isDisabled: boolean;
  /** Where files can be dropped too: a selector, or `document`. */
  readonly dropTarget: string | undefined;
  /** Where files are taken that are pasted: `self`, `document` or `off`. */
  readonly paste: string | undefined;
}

type ItemsTaker = (items: readonly TransferItem[], isPasted: boolean) => void;

/** Takes files that are dropped on the element, or where else it says, and that are pasted. */
export class DropController implements ReactiveController {
  readonly host: DropHost;
  readonly #onItems: ItemsTaker;
  #listening: AbortController | undefined;

  constructor(host: DropHost, onItems: ItemsTaker) {
    this.host = host;
    this.#onItems = onItems;
    host.addController(this);
  }

  /** Whether files hang over the element and would be taken. */
  get isDragging(): boolean {
    return highlighted === this;
  }

  hostConnected(): void {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    // Not all events get from a shadow root to the window, and of a closed one they do not say where they began.
    for (const node of [this.host, this.host.shadowRoot]) {
      for (const type of DRAG_EVENTS) node?.addEventListener(type, meet as EventListener, { capture: true, signal });
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
    end();
  }

  /** Whether a node is where files can be dropped too. */
  claims(node: EventTarget): boolean {
    const { dropTarget: selector } = this.host;
    if (!selector) return false;
    if (selector === 'document') return node === document.body || node === document;
    try {
      return node instanceof Element && node.matches(selector);
    } catch {
      warnOnce(`drop-target="${selector}" is not a selector. It is ignored.`);
      return false;
    }
  }

  /** Takes a drag that is the element's. */
  handle(event: DragEvent, transfer: DataTransfer): void {
    event.preventDefault();
    const { isDisabled } = this.host;
    const allowed = transfer.effectAllowed.toLowerCase();
    const effect = EFFECTS.find((one) => allowed.includes(one)) ?? 'copy';
    const setEffect = (): void => void (transfer.dropEffect = isDisabled ? 'none' : effect);
    setEffect();
    after(window, event, setEffect); // pages forbid drops everywhere, to keep the browser from opening files
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

/** Milliseconds without an event after which a drag is over: browsers send one at least every 350, while it moves. */
const SILENCE = 1500;

const controllers = new Set<DropController>();
let listening: AbortController | undefined;
let highlighted: DropController | undefined;
let silence: ReturnType<typeof setTimeout> | undefined;
/** The `dragstart` of a drag that began in the page, and whether the pointer has moved without a drag since. */
let own: DragEvent | undefined;
let isOwnOver = false;
/** The element that the drag entered last. */
let entered: EventTarget | undefined;

/** An event on its way through the page. */
interface Meeting {
  readonly event: DragEvent;
  readonly origin: EventTarget | undefined;
  /** Whether it is decided on its way down, because one before it was stopped on its way up. */
  readonly isEarly: boolean;
  isDecided: boolean;
}
let current: Meeting | undefined;
/** The last `dragover`. */
let over: Meeting | undefined;
/** Ends what waits for the current event. */
let waiting = new AbortController();

function listen(): void {
  listening = new AbortController();
  const { signal } = listening;
  const on = <T extends Event>(type: string, act: (event: T) => void): void =>
    window.addEventListener(type, (event) => act(event as T), { capture: true, signal });
  for (const type of DRAG_EVENTS) on(type, meet);
  on<DragEvent>('dragstart', (event) => {
    own = event;
    isOwnOver = false;
  });
  // None of these comes while something is dragged, but Chromium moves the pointer just before a drop.
  for (const type of ['dragend', 'pointermove', 'mousemove', 'keydown', 'visibilitychange']) {
    on<MouseEvent>(type, ({ buttons }) => {
      if (buttons) return;
      isOwnOver = true;
      highlight(undefined);
      if (type === 'dragend') end();
    });
  }
}

/** Forgets the drag, and lets go of the elements that it went over. */
function end(): void {
  own = isOwnOver ? undefined : own;
  entered = current = over = undefined;
  highlight(undefined);
}

function highlight(controller: DropController | undefined): void {
  if (controller === highlighted) return;
  const before = highlighted;
  highlighted = controller;
  before?.host.requestUpdate();
  controller?.host.requestUpdate();
}

/** Meets an event in `window` first, and then in elements, which know more of what is in a closed shadow root. */
function meet(event: DragEvent): void {
  const { type, dataTransfer: transfer } = event;
  const path = event.composedPath();
  const [origin] = path;
  if (type === 'dragleave') {
    // It has entered nothing else, so it has left the window.
    if (origin === entered) highlight(undefined);
    return;
  }
  if (type === 'dragenter') entered = origin;
  if (current?.event !== event) {
    waiting.abort();
    waiting = new AbortController();
    clearTimeout(silence);
    silence = setTimeout(end, SILENCE);
    if (type !== 'drop' && isOwnOver) own = undefined;
    const wasStopped = over?.origin === origin && (over?.isEarly || !(over?.isDecided || over?.event.defaultPrevented));
    current = { event, origin, isEarly: type !== 'dragenter' && wasStopped, isDecided: false };
    over = type === 'dragover' ? current : type === 'drop' ? undefined : over;
  }
  if (current.isDecided) return;
  if (transfer?.types.includes('Files') && own?.defaultPrevented !== false) route(current, path, transfer);
  else {
    current.isDecided = true;
    highlight(undefined);
  }
}

/** Finds whose the place is, from the inside out. */
function route(meeting: Meeting, path: readonly EventTarget[], transfer: DataTransfer): void {
  const { event } = meeting;
  let isEditor = false;
  for (const [index, node] of path.entries()) {
    const uploader = [...controllers].find(({ host }) => host === node || host.shadowRoot === node);
    if (uploader !== undefined) {
      meeting.isDecided = true;
      uploader.handle(event, transfer);
      return;
    }
    isEditor = matches(node, '[contenteditable]:not([contenteditable=false])');
    if (isEditor || matches(node, FILE_INPUT)) break;
    const target = [...controllers].find((controller) => controller.claims(node));
    if (target !== undefined) {
      decide(meeting, path[index - 1], () => target.handle(event, transfer));
      return;
    }
    if (isClosed(node)) return;
  }
  highlight(undefined);
  const place = path.find((node) => node instanceof Element);
  const isField = matches(place, ':read-write');
  const isDrop = event.type === 'drop';
  // Editors of Firefox and WebKit put pictures into their text by themselves; Chromium opens them.
  if (matches(place, FILE_INPUT) || (isEditor && !(isDrop && 'chrome' in window)) || (isField && !isDrop)) {
    meeting.isDecided = true;
    return;
  }
  decide(meeting, window, () => {
    event.preventDefault();
    transfer.dropEffect = 'none';
  });
}

/**
 * Whether a node may have a closed shadow root with something in it that takes files: an uploader, which meets the event
 * there, or a file input that is not seen from here.
 */
function isClosed(node: EventTarget): boolean {
  const isComponent = node instanceof HTMLElement && node.localName.includes('-');
  return isComponent && node.shadowRoot === null && node.innerHTML.trim() === '';
}

/** Acts on an event after all listeners of a node have had it, unless one of them has prevented it. */
function decide(meeting: Meeting, node: EventTarget | undefined, act: () => void): void {
  const { event, isEarly } = meeting;
  const settle = (): void => {
    if (meeting.isDecided) return;
    meeting.isDecided = true;
    if (event.defaultPrevented) highlight(undefined);
    else act();
  };
  if (isEarly) settle();
  else if (node !== undefined) after(node, event, settle);
  else {
    meeting.isDecided = true;
    act();
  }
}

/** Calls back when an event has been with all listeners that a node has now. */
function after(node: EventTarget, { type }: Event, act: () => void): void {
  node.addEventListener(type, act, { once: true, signal: waiting.signal });
}

function matches(node: EventTarget | undefined, selector: string): boolean {
  return node instanceof Element && node.matches(selector);
}
