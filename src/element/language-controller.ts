import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { localeOf, type Locale } from '../i18n/load-messages.js';

/** Finds the language of the nearest `lang`, through shadow roots, and follows it when it changes. */
export class LanguageController implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  #locale: Locale = 'en';
  #observer: MutationObserver | undefined;

  constructor(host: ReactiveControllerHost & HTMLElement) {
    this.#host = host;
    host.addController(this);
  }

  get locale(): Locale {
    return this.#locale;
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
