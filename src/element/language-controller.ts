import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { loadMessages, localeOf, shellMessages, type Locale } from '../i18n/load-messages.js';
import type { ShellMessages } from '../i18n/shell-messages.js';

/** Tracks the nearest `lang` attribute, across shadow roots. */
export class LanguageController implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  #locale: Locale = 'en';
  #shell: ShellMessages = shellMessages('en');
  #observer: MutationObserver | undefined;

  constructor(host: ReactiveControllerHost & HTMLElement) {
    this.#host = host;
    host.addController(this);
  }

  get locale(): Locale {
    return this.#locale;
  }

  /** Messages that are available immediately, replaced when the locale has loaded. */
  get shell(): ShellMessages {
    return this.#shell;
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
    const locale = localeOf(languageOf(this.#host));
    if (locale === this.#locale) return;
    this.#locale = locale;
    this.#shell = shellMessages(locale);
    this.#host.requestUpdate();
    if (this.#shell.lang !== locale) void this.#load(locale);
  }

  async #load(locale: Locale): Promise<void> {
    try {
      const messages = await loadMessages(locale);
      if (locale !== this.#locale) return;
      this.#shell = messages;
      this.#host.requestUpdate();
    } catch {
      // keeps the current messages
    }
  }
}

/** The nearest `lang`, else the browser's language. */
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

/** The roots that contain the element, innermost first. */
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
