/** In-app browsers: WeChat and WeCom, QQ, Weibo, Alipay, DingTalk, Feishu. */
const IN_APP = /MicroMessenger|QQ\/|Weibo|AlipayClient|DingTalk|Lark/i;

const FAMILIES: readonly (readonly [string, RegExp])[] = [
  ['image/*', /^image\/|^\.(jpe?g|png|gif|webp|bmp|heic|heif|avif|svg)$/],
  ['video/*', /^video\/|^\.(mp4|mov|m4v|webm|mkv|avi|flv)$/],
];

/**
 * Returns the `accept` value for the file input. Pickers of in-app browsers fail on exact types or show only the camera
 * (Tencent/weui#597, fex-team/webuploader#1489), so they get a wildcard type or no limit; the rule itself still applies.
 */
export function pickerAccept(accept: string | undefined, userAgent: string): string | undefined {
  if (!accept || !IN_APP.test(userAgent)) return accept;
  const tokens = accept
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean);
  return FAMILIES.find(([, pattern]) => tokens.every((token) => pattern.test(token)))?.[0];
}
