import type { JudgeTexts } from './judge-texts.js';

export const ZH_CN: JudgeTexts = {
  help: `用法：kodo-local judge [回调地址] --access-key K --secret-key K [选项]

模拟 Kodo 调用回调接口，逐项报告预期和实际结果。

  --access-key K        服务器验签所用的密钥；默认读取环境变量 QINIU_ACCESS_KEY、
  --secret-key K        QINIU_SECRET_KEY，避免出现在进程列表里
  --token-url URL       凭证接口：每一项都上报一个已实际签发凭证的上传。
                        省略回调地址时，调用上传策略中的 callbackUrl
  --token-method M      post（默认）或 get
  --token-header H      发给凭证接口的请求头，如 "Cookie: session=…"，可重复
  --token-body JSON     发给凭证接口的字段，补充或替换 name、size、type
  --signed-url URL      服务器位于代理之后时，Kodo 侧配置的地址
  --callback-body T     请求体模板，支持魔法变量
  --content-type T      form（默认）或 json：该模板的格式
  --timeout MS          响应超时（默认 10000 毫秒）
  --stall-limit MS      服务器应在多久内断开未发送完的请求（默认 30000 毫秒）
  --lang L              zh-CN 或 en（默认取决于 LC_ALL、LANG）

退出码：0 没有失败项，1 有失败项，2 用法错误或无法连接。`,
  outcomes: { passed: '通过', warning: '警告', failed: '失败', skipped: '跳过' },
  cases: {
    'valid-qbox-form': '有效回调，QBox 签名，表单',
    'valid-qiniu-form': '有效回调，Qiniu 签名，表单',
    'valid-qiniu-json': '有效回调，Qiniu 签名，JSON',
    'no-signature': '没有签名',
    'forged-signature': '伪造的签名',
    'wrong-access-key': '未知的 AccessKey',
    'body-changed': '签名后修改请求体',
    'path-changed': '针对其他路径的签名',
    'host-changed': '针对其他域名的签名',
    'body-not-covered': '请求体不参与签名的内容类型',
    'query-string': '查询参数：参与签名的、签名后添加的',
    're-encoded-body': '字段相同、字节不同：1 沿用原签名，2 重新签名',
    replayed: '同一回调重复到达（Kodo 会重试）',
    'doubled-at-once': '同一回调并发到达两次',
    'slow-reader': '缓慢读取响应',
    'slow-sender': '缓慢发送请求体',
    'oversized-body': '过大的请求体',
    'endless-body': '始终未发送完的请求体',
  },
  expected: '预期',
  seen: '实际',
  expectations: {
    accepted: '200 和 JSON',
    refused: '4xx',
    'same-answer': '200 和相同的 JSON',
    limited: '4xx 或断开连接',
    ended: '断开连接',
  },
  reasons: {
    'answer-not-json': 'Kodo 会向浏览器返回 579：无论 Content-Type 是什么，响应体都必须是 JSON。',
    'status-not-200': '文档中只有 200；Kodo 是否接受其他 2xx 状态码未知。',
    'valid-refused':
      '请检查密钥、是否按原始请求体验签，以及验签所用的地址和域名（--signed-url）。如果服务器只接受自己签发过凭证的上传，请使用 --token-url 或 --callback-body。',
    'valid-redirected': 'Kodo 不跟随重定向：回调接口不能要求登录，也不能跳转到其他协议。',
    'server-error': '服务器出错，Kodo 会向浏览器返回 579。',
    'connection-closed': '服务器未返回响应就断开了连接，可能已崩溃，请查看其日志。',
    'no-answer': '服务器响应超时。',
    'server-gone': '已无法建立连接，服务器可能已崩溃。',
    'no-key-in-answer': '使用 callbackFetchKey 时，响应必须是 {"key": "…", "payload": …}。',
    'forgery-accepted': '任何人都能这样伪造上传回调：请返回 401 拒绝。2xx 表示已接受。',
    'refused-with-server-error': '虽未接受，但 5xx 表示服务器出错：请返回 4xx。',
    'refused-with-redirect': '虽未接受，但回调不是页面跳转：请返回 401。',
    'different-answer': '请按 key 或自己的 id 去重，对同一上传的每次回调返回相同的响应。',
    'body-not-limited': '请限制请求体的大小，例如 64 KiB：验签之前，任何人都能发送这样的请求。',
    'type-not-taken': '上传策略指定的是另一种内容类型，Kodo 不会发送这种回调。',
    'query-not-verified': '服务器按固定地址验签：请不要依赖查询参数。',
    'query-not-taken': '服务器按固定地址验签，或拒绝未知参数：callbackUrl 中请不要带查询参数。',
    'body-not-signed': 'QBox 签名不包含 JSON 请求体，见过一次回调的人就能伪造：callbackBodyType 请使用表单。',
    'qbox-json-refused': '这样是安全的，但 Kodo 用 QBox 签名，JSON 回调可能因此失败：callbackBodyType 请使用表单。',
    'still-open': '请配置服务器或其前面的代理，断开请求迟迟未发送完的连接。',
  },
  problems: {
    'bad-option': '选项有误',
    unreachable: '无法连接回调地址',
    'token-route-unreachable': '无法连接凭证接口',
    'token-route-refused': '凭证接口没有签发凭证',
    'no-token': '凭证接口的响应中没有上传凭证',
    'foreign-token': '凭证不是用这对密钥签名的：请提供服务器使用的密钥',
    'bad-policy': 'Kodo 会拒绝该凭证的上传策略',
    'no-callback-url': '上传策略中没有 callbackUrl：请获取带回调的凭证，或指定回调地址并去掉 --token-url',
  },
  variants: { meanwhile: '同时到达的另一个回调', afterwards: '随后的另一个回调' },
  notJson: '不是 JSON',
  closed: '连接断开',
  unreachable: '无法连接',
  silent: (seconds) => `${seconds} 秒内没有响应`,
  summary: (passed, warnings, failed, skipped) =>
    `${passed} 项通过，${warnings} 项警告，${failed} 项失败，${skipped} 项跳过`,
  missing: (names) => `缺少：${names}。请参阅 --help。`,
  invalid: (name) => `${name} 无效。请参阅 --help。`,
};
