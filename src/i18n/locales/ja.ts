import { formatPixels, formatSize } from '../format-size.js';
import type { Messages } from '../messages.js';

const admin = 'サイトの管理者に連絡してください。';
const again = 'しばらくしてから再試行してください。';
const network = '接続を確認して再試行してください。';
const other = '別のファイルを選んでください。';

export const ja: Messages = {
  lang: 'ja',
  chooseFile: 'ファイルを選択',
  chooseFiles: 'ファイルを選択',
  dropFile: 'またはここにファイルをドロップ',
  dropFiles: 'またはここにファイルやフォルダーをドロップ',
  dropNow: '離すと追加されます',
  maxSize: (size) => `1 ファイル ${size} まで`,
  maxFiles: (count) => `${count} ファイルまで`,
  notLoaded: 'アップローダーを読み込めません。接続を確認して選び直してください。',
  missing: 'ファイルを選択してください。',
  stillUploading: 'アップロードが終わるまでお待ちください。',
  minFiles: (count) => `${count} ファイル以上選択してください。`,
  files: 'ファイル一覧',
  total: (stored, all) => `${all} 件中 ${stored} 件完了`,
  summary: {
    rejected: (count) => `${count} 件対象外`,
    failed: (count) => `${count} 件失敗`,
    unconfirmed: (count) => `${count} 件未確認`,
    interrupted: (count) => `${count} 件再選択が必要`,
    cancelled: (count) => `${count} 件中止`,
  },
  onlyThese: 'これらのみ表示',
  perSecond: (size) => `${size}/s`,
  timeLeft: (time) => `残り ${time}`,
  totalProgress: '全ファイルの進行状況',
  pauseAll: 'すべて一時停止',
  resumeAll: 'すべて再開',
  retryAll: '失敗分を再試行',
  cancelAll: 'すべて中止',
  clearFinished: '完了分を消去',
  find: '名前で検索',
  found: (found, all) => (found === all ? `${all} 件` : `${all} 件中 ${found} 件`),

  queued: '待機中',
  preparing: '準備中…',
  uploading: (percent) => `${percent} 送信済み`,
  confirming: '送信済み。サーバーの確認を待っています…',
  done: '完了',
  unconfirmed: '保存済みですが、サイトの確認が取れていません',
  cancelled: '中止しました',
  paused: '一時停止中',
  offline: 'オフラインです。復旧後に自動で再開します',
  retrying: '問題が発生しました。再試行中…',
  elsewhere: '別のタブでアップロード中',
  held: 'サーバーの復旧待ち',
  suspended: '停止中。戻ると再開します',
  holdUntil: (time) => `サーバーが混み合っています。${time} に再開します。`,
  holdWaiting: (count) => `${count} 個のファイルが待機中です。`,
  tryNow: '今すぐ再試行',
  interrupted: (percent) => `このファイルを選び直すと ${percent} から続行します`,

  cancel: '中止',
  pause: '一時停止',
  resume: '再開',
  retry: '再試行',
  remove: '削除',
  open: '開く',
  actionOn: (action, fileName) => `${action}: ${fileName}`,
  progressOf: (fileName) => `${fileName} の進行状況`,
  requestId: (reqid) => `リクエスト ID: ${reqid}`,
  callbackReasons: {
    unreachable: 'ストレージからサイトに接続できません',
    timeout: 'サイトが時間内に応答しませんでした',
    'not-json': 'サイトの応答が JSON ではありません',
    forbidden: 'サイトが呼び出しを拒否しました',
    refused: 'サイトがエラーを返しました',
  },
  serverSays: (words) => `サーバーの応答: ${words}`,

  errors: {
    'token-unreachable': `サイトに接続できません。${network}`,
    'token-timeout': `サイトが応答しません。${again}`,
    'token-refused': 'アップロードの権限がありません。ログインして再試行してください。',
    'token-server-error': `サイトでエラーが発生しました。${again}`,
    'token-denied': `サイトがこのアップロードを拒否しました。${admin}`,
    'upload-unknown': 'サイトにこのアップロードの記録がありません。再試行してください。',
    'token-unreadable': `トークンではなくページが返されました。ログインし直してください。${admin}`,
    'token-malformed': `サイトが返したトークンが無効です。${admin}`,
    'token-source-missing': `トークンの取得先が設定されていません。${admin}`,
    'region-unknown': `リージョンが見つかりません。${network}`,
    network: `接続が切れました。${network}`,
    stalled: `接続が遅いか切れています。${network}`,
    'token-expired': 'トークンの有効期限が切れました。再試行してください。',
    'too-small': `ファイルが小さすぎます。${other}`,
    forbidden: `アップロードが拒否されました。${admin}`,
    'type-forbidden': `この形式は許可されていません。${other}`,
    'too-large': `ファイルが大きすぎます。${other}`,
    'key-too-long': 'ファイル名が長すぎます。短くして再試行してください。',
    'account-disabled': `ストレージが停止されています。${admin}`,
    'checksum-mismatch': '送信中にデータが破損しました。再試行してください。',
    'rate-limited': `アップロードが多すぎます。${again}`,
    'callback-failed': '保存済みですが、サイトの確認が取れていません。再アップロードは不要です。',
    'upload-expired': '前回のアップロードは期限切れです。再試行してください。',
    'file-exists': '同名の別ファイルがあります。名前を変えてください。',
    'bucket-missing': `保存先がありません。${admin}`,
    'region-mismatch': `リージョンの設定が正しくありません。${admin}`,
    'bad-request': `リクエストに誤りがあります。${admin}`,
    'server-error': `ストレージを利用できません。${again}`,
    'reply-lost': `送信しましたが応答がありません。${again}`,
    'reply-unreadable': `送信しましたが応答を読み取れません。${admin}`,
    'file-unreadable': 'ファイルを読み取れません。選び直してください。',
    'file-changed': '選択後にファイルが変更または移動されました。選び直してください。',
    'hash-mismatch': '保存された内容がファイルと一致しません。再試行してください。',
    'engine-unavailable': `アップローダーを読み込めません。${network}`,
    'hook-timeout': `ファイルの確認に時間がかかりすぎました。${again}`,
    unknown: '失敗しました。再試行してください。',
  },
  rejects: {
    duplicate: () => '同じファイルが一覧にあります',
    'type-not-accepted': ({ accept }) => `この形式には対応していません。対応形式: ${accept}`,
    'file-too-large': ({ maxSize }) => `${formatSize(maxSize, 'ja')} を超えています。${other}`,
    'file-too-small': ({ minSize }) => `${formatSize(minSize, 'ja')} 未満です。${other}`,
    'total-too-large': ({ maxTotalSize }) =>
      `合計が ${formatSize(maxTotalSize, 'ja')} を超えます。先に減らしてください`,
    'image-too-small': ({ min }) => `画像が ${formatPixels(min)} ピクセル未満です。${other}`,
    'image-too-large': ({ max }) => `画像が ${formatPixels(max)} ピクセルを超えています。${other}`,
    'image-unreadable': () => `画像を読み取れません。${other}`,
    refused: ({ message }) => message || 'このファイルは受け付けられません',
    'too-many-files': ({ maxFiles }) =>
      maxFiles === 1
        ? 'アップロードできるのは 1 ファイルだけです'
        : `${maxFiles} ファイルまでです。先に減らしてください`,
    unreadable: () => '空または読み取れないため除外しました。開けるか確認してください',
    'folder-empty': () => 'フォルダーが空です。ファイルのあるものを選んでください',
  },

  unstored: (fileName, count, remedy) => {
    const what = count === 1 ? `「${fileName}」` : `${count} 件のファイル`;
    if (remedy === 'confirm') return `${what}は保存済みですが、サイトの確認が取れていません。削除すると送信できます。`;
    const remedies = {
      start: 'アップロードを開始するか削除してください',
      resume: '再開するか削除してください',
      choose: '選び直すか削除してください',
      retry: '再試行するか削除してください',
      remove: '削除すると送信できます',
      finish: '完了するか削除してください',
    };
    return `${what}はアップロードされていません。${remedies[remedy]}。`;
  },

  outcome: (fileName, outcome) => `${fileName}: ${outcome}`,
  outcomes: ({ done, unconfirmed, failed, cancelled, rejected, removed }) =>
    [
      done > 0 && `${done} 件完了`,
      unconfirmed > 0 && `${unconfirmed} 件未確認`,
      failed > 0 && `${failed} 件失敗`,
      cancelled > 0 && `${cancelled} 件中止`,
      rejected > 0 && `${rejected} 件対象外`,
      removed > 0 && `${removed} 件削除`,
    ]
      .filter(Boolean)
      .join('、'),
  removed: '削除しました',
};
