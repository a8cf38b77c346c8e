import { en } from './en.js';
import type { Messages } from './messages.js';
import { zhCn } from './zh-cn.js';

/** The messages for a language tag: Chinese of any kind, else English. */
export function findMessages(languageTag: string): Messages {
  return /^zh\b/i.test(languageTag) ? zhCn : en;
}
