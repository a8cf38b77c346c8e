import { describe, expect, it } from '../support/suite.js';
import { loadMessages, LOCALE_NAMES, localeOf } from '../../src/i18n/load-messages.js';
import { en } from '../../src/i18n/locales/en.js';

/** Every text of a language by its path; functions as they are called. */
function texts(value: unknown, path = ''): readonly [string, unknown][] {
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([name, inner]) => texts(inner, `${path}.${name}`));
  }
  return [[path, value]];
}

describe('the languages', () => {
  for (const [tag, locale] of [
    ['zh', 'zh-CN'],
    ['zh-Hans-SG', 'zh-CN'],
    ['zh-TW', 'zh-TW'],
    ['zh-Hant', 'zh-TW'],
    ['zh-HK', 'zh-TW'],
    ['ja-JP', 'ja'],
    ['KO', 'ko'],
    ['en-GB', 'en'],
    ['fr', 'en'],
    ['', 'en'],
  ] as const) {
    it(`"${tag}" is ${locale}`, () => expect(localeOf(tag)).to.equal(locale));
  }

  for (const name of LOCALE_NAMES) {
    it(`${name} has every text, and none in another language`, async () => {
      const messages = await loadMessages(name);
      expect(messages.lang).to.equal(name);
      expect(texts(messages).map(([path]) => path)).to.have.members(texts(en).map(([path]) => path));
      const english = new Map(texts(en));
      for (const [path, text] of texts(messages)) {
        if (typeof text !== 'string') continue;
        expect(text.trim(), path).not.to.equal('');
        if (name !== 'en' && path !== '.lang') expect(text, path).not.to.equal(english.get(path));
      }
      const outcomes = { done: 1, unconfirmed: 2, failed: 3, cancelled: 4, rejected: 5, removed: 6 };
      for (const count of Object.values(outcomes)) expect(messages.outcomes(outcomes)).to.contain(`${count}`);
      const reason = { code: 'file-too-large', maxSize: 20 * 1024 * 1024 } as const;
      expect(messages.rejects['file-too-large'](reason)).to.contain('20');
    });
  }
});
