import type { Messages } from './messages.js';
import { enShell, zhCnShell, type ShellMessages } from './shell-messages.js';

/** Languages that the element speaks; each is loaded when it is needed. */
const LOCALES = {
  en: async () => (await import('./locales/en.js')).en,
  'zh-CN': async () => (await import('./locales/zh-cn.js')).zhCn,
  'zh-TW': async () => (await import('./locales/zh-tw.js')).zhTw,
  ja: async () => (await import('./locales/ja.js')).ja,
  ko: async () => (await import('./locales/ko.js')).ko,
} as const satisfies Readonly<Record<string, () => Promise<Messages>>>;

export type Locale = keyof typeof LOCALES;

/** Languages that can be spoken. */
export const LOCALE_NAMES = Object.keys(LOCALES) as readonly Locale[];

/** The language for a tag (`ja-JP`, `zh-Hant`); English where it is none of them. */
export function localeOf(languageTag: string): Locale {
  if (/^zh\b/i.test(languageTag)) return /\b(hant|tw|hk|mo)\b/i.test(languageTag) ? 'zh-TW' : 'zh-CN';
  const [language = ''] = languageTag.toLowerCase().split('-');
  return language === 'ja' || language === 'ko' ? language : 'en';
}

/** What is said until a language is loaded: Chinese and English are there from the beginning. */
export function shellMessages(locale: Locale): ShellMessages {
  return locale.startsWith('zh') ? zhCnShell : enShell;
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
