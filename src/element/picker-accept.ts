import { acceptTokens } from '../core/accept-tokens.js';

/** Browsers inside apps: WeChat and WeCom, QQ, Weibo, Alipay, DingTalk, Feishu. */
const IN_APP = /MicroMessenger|QQ\/|Weibo|AlipayClient|DingTalk|Lark/i;

const FAMILIES: readonly (readonly [string, RegExp])[] = [
  ['image/*', /^image\/|^\.(jpe?g|png|gif|webp|bmp|heic|heif|avif|svg)$/],
  ['video/*', /^video\/|^\.(mp4|mov|m4v|webm|mkv|avi|flv)$/],
];

/**
 * The `accept` of the file input, in the form that browsers read: `pdf; jpg` becomes `.pdf,.jpg`.
 *
 * Pickers of browsers inside apps fail on exact types or show only the camera (Tencent/weui#597,
 * fex-team/webuploader#1489), so they get the whole family, or no limit; the rule itself stays.
 */
export function pickerAccept(accept: string | undefined, userAgent: string): string | undefined {
  if (accept === undefined) return undefined;
  const tokens = acceptTokens(accept);
  if (!IN_APP.test(userAgent))
    return accept.replaceAll(', ', ',').toLowerCase() === tokens.join() ? accept : tokens.join();
  return FAMILIES.find(([, pattern]) => tokens.every((token) => pattern.test(token)))?.[0];
}
