import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { findMessages } from '../i18n/find-messages.js';
import type { Messages } from '../i18n/messages.js';

/** Finds the language of the nearest `lang`, through shadow roots, and follows it when it changes. */
export class LanguageController implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  #messages: Messages = findMessages('');
  #observer: MutationObserver | undefined;

  constructor(host: ReactiveControllerHost & HTMLElement) {
    this.#host = host;
    host.addController(this);
  }

  get messages(): Messages {
    return this.#messages;
  }

  hostConnected(): void {
    this.#observer = new MutationObserver(() => this.#update());
    const options = { attributes: true, attributeFilter: ['lang'], subtree: true };
    for (const root of rootsOf(this.#host)) this.#observer.observe(root, options);
    this.#update();
  }

  hostDisconnected(): void {
    this.#observer?.disconnect();
    this.#observer = undefined;
  }

  #update(): void {
    const messages = findMessages(languageOf(this.#host));
    if (messages === this.#messages) return;
    this.#messages = messages;
    this.#host.requestUpdate();
  }
}

/** The nearest `lang` that is set, else the browser's language. */
function languageOf(element: Element): string {
  let current: Element | null = element;
  while (current !== null) {
    const lang = current.closest('[lang]')?.getAttribute('lang');
    if (lang) return lang;
    const root: Node = current.getRootNode();
    current = root instanceof ShadowRoot ? root.host : null;
  }
  return navigator.language;
}

/** The trees the element stands in, from the inside out. */
function rootsOf(element: Element): readonly Node[] {
  const roots: Node[] = [];
  let root = element.getRootNode();
  roots.push(root);
  while (root instanceof ShadowRoot) {
    root = root.host.getRootNode();
    roots.push(root);
  }
  return roots;
}
