import type { Messages } from './messages.js';
import { enShell, zhCnShell, type ShellMessages } from './shell-messages.js';

/** Supported languages; each is loaded on first use. */
const LOCALES = {
  en: async () => (await import('./locales/en.js')).en,
  'zh-CN': async () => (await import('./locales/zh-cn.js')).zhCn,
  'zh-TW': async () => (await import('./locales/zh-tw.js')).zhTw,
  ja: async () => (await import('./locales/ja.js')).ja,
  ko: async () => (await import('./locales/ko.js')).ko,
} as const satisfies Readonly<Record<string, () => Promise<Messages>>>;

export type Locale = keyof typeof LOCALES;

/** Names of the supported languages. */
export const LOCALE_NAMES = Object.keys(LOCALES) as readonly Locale[];

/** Returns the supported language for a BCP 47 tag (`ja-JP`, `zh-Hant`). Default: English. */
export function localeOf(languageTag: string): Locale {
  if (/^zh\b/i.test(languageTag)) return /\b(hant|tw|hk|mo)\b/i.test(languageTag) ? 'zh-TW' : 'zh-CN';
  const [language = ''] = languageTag.toLowerCase().split('-');
  return language === 'ja' || language === 'ko' ? language : 'en';
}

/** Returns the texts to show until a language is loaded: Chinese and English are bundled. */
export function shellMessages(locale: Locale): ShellMessages {
  return locale.startsWith('zh') ? zhCnShell : enShell;
}

const loaded = new Map<Locale, Promise<Messages>>();

/** Loads all messages of a language. A failure is not cached: the next call tries again. */
export function loadMessages(locale: Locale): Promise<Messages> {
  let loading = loaded.get(locale);
  if (loading === undefined) {
    loading = LOCALES[locale]();
    loading.catch(() => loaded.delete(locale));
    loaded.set(locale, loading);
  }
  return loading;
}
