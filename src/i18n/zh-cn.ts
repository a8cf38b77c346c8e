import { formatSize } from './format.js';
import type { Messages } from './messages.js';

const lang = 'zh-CN';

export const zhCn: Messages = {
  lang,
  chooseFile: '选择文件',
  chooseFiles: '选择文件',
  dropFile: '或将文件拖到此处',
  dropFiles: '或将文件、文件夹拖到此处',
  dropNow: '松开鼠标，添加文件',
  maxSize: (size) => `单个文件不超过 ${size}`,
  maxFiles: (count) => `最多 ${count} 个文件`,
  files: '文件列表',

  queued: '等待上传',
  preparing: '正在准备…',
  uploading: (percent) => `已上传 ${percent}`,
  confirming: '正在确认…',
  done: '上传成功',
  unconfirmed: '文件已存储，但网站尚未确认',
  cancelled: '已取消',

  cancel: '取消',
  retry: '重试',
  remove: '移除',
  open: '打开',
  actionOn: (action, fileName) => `${action}：${fileName}`,
  progressOf: (fileName) => `${fileName} 的上传进度`,
  requestId: (reqid) => `请求编号 ${reqid}`,
  serverSays: (words) => `服务器答复：${words}`,

  errors: {
    'token-unreachable': '连接不上网站服务器，请检查网络后重试。',
    'token-timeout': '网站服务器长时间没有响应，请稍后重试。',
    'token-refused': '没有上传权限，请重新登录后再试。',
    'token-server-error': '网站服务器出错，请稍后重试。',
    'token-unreadable': '网站返回的上传凭证无法识别，请联系网站管理员。',
    'token-malformed': '网站返回的上传凭证不正确，请联系网站管理员。',
    'token-source-missing': '页面没有设置上传凭证的地址，请联系网站管理员。',
    'region-unknown': '查询不到存储区域，请检查网络后重试。',
    network: '网络中断，请检查网络后重试。',
    'token-expired': '上传凭证已失效，请重试。',
    forbidden: '上传被拒绝，请联系网站管理员。',
    'type-forbidden': '不允许上传这种类型的文件，请换一个文件。',
    'too-large': '文件太大，请换一个小一些的文件。',
    'key-too-long': '文件名太长，请改短后再试。',
    'account-disabled': '存储服务已停用，请联系网站管理员。',
    'checksum-mismatch': '传输中数据出错，请重试。',
    'rate-limited': '上传过于频繁，请稍后重试。',
    'callback-failed': '文件已存储，但网站尚未确认，不需要重新上传。',
    'upload-expired': '上次的上传已过期，请重试。',
    'file-exists': '同名文件已经存在，且内容不同，请换一个文件名。',
    'bucket-missing': '存储空间不存在，请联系网站管理员。',
    'region-mismatch': '存储区域设置不正确，请联系网站管理员。',
    'bad-request': '上传请求有误，请联系网站管理员。',
    'server-error': '存储服务暂时不可用，请稍后重试。',
    'reply-unreadable': '文件已发送，但答复无法识别，请联系网站管理员。',
    'file-unreadable': '文件无法读取，可能已被移动或修改，请重新选择。',
    'engine-unavailable': '上传组件加载失败，请检查网络后重试。',
    unknown: '上传失败，请重试。',
  },
  rejects: {
    'type-not-accepted': ({ accept }) => `不支持这种类型，请选择：${accept}`,
    'file-too-large': ({ maxSize }) => `文件超过了 ${formatSize(maxSize, lang)}，请选择小一些的文件`,
    'too-many-files': ({ maxFiles }) => `最多 ${maxFiles} 个文件，请先移除一些`,
  },

  outcome: (fileName, outcome) => `${fileName}：${outcome}`,
  outcomes: ({ done, unconfirmed, failed, cancelled, rejected, removed }) =>
    [
      done > 0 && `${done} 个文件上传成功`,
      unconfirmed > 0 && `${unconfirmed} 个文件已存储但未确认`,
      failed > 0 && `${failed} 个文件上传失败`,
      cancelled > 0 && `${cancelled} 个文件已取消`,
      rejected > 0 && `${rejected} 个文件不符合要求`,
      removed > 0 && `${removed} 个文件已移除`,
    ]
      .filter(Boolean)
      .join('，'),
  removed: '已移除',
};
