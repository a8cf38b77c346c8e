import type { Messages } from './messages.js';
import { enShell, zhCnShell, type ShellMessages } from './shell-messages.js';

/** Languages that the element speaks; each is loaded when it is needed. */
const LOCALES = {
  en: async () => (await import('./locales/en.js')).en,
  'zh-CN': async () => (await import('./locales/zh-cn.js')).zhCn,
} as const satisfies Readonly<Record<string, () => Promise<Messages>>>;

export type Locale = keyof typeof LOCALES;

/** The language for a tag: Chinese of any kind, else English. */
export function localeOf(languageTag: string): Locale {
  return /^zh\b/i.test(languageTag) ? 'zh-CN' : 'en';
}

/** What can be said at once. */
export function shellMessages(locale: Locale): ShellMessages {
  return locale === 'zh-CN' ? zhCnShell : enShell;
}

const loaded = new Map<Locale, Promise<Messages>>();

/** All messages of a language. A failure is not remembered: the next call tries again. */
export function loadMessages(locale: Locale): Promise<Messages> {
  let loading = loaded.get(locale);
  if (loading === undefined) {
    loading = LOCALES[locale]();
    loading.catch(() => loaded.delete(locale));
    loaded.set(locale, loading);
  }
  return loading;
}
