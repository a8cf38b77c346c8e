import { formatPixels, formatSize } from '../format-size.js';
import type { Messages } from '../messages.js';

const admin = '사이트 관리자에게 문의하세요.';
const again = '잠시 후 다시 시도하세요.';
const network = '연결을 확인하고 다시 시도하세요.';
const other = '다른 파일을 선택하세요.';

export const ko: Messages = {
  lang: 'ko',
  chooseFile: '파일 선택',
  chooseFiles: '파일 선택',
  dropFile: '또는 파일을 여기로 끌어오세요',
  dropFiles: '또는 파일이나 폴더를 여기로 끌어오세요',
  dropNow: '놓으면 추가됩니다',
  maxSize: (size) => `파일당 최대 ${size}`,
  maxFiles: (count) => `최대 ${count}개 파일`,
  notLoaded: '업로더를 불러올 수 없습니다. 연결을 확인하고 다시 선택하세요.',
  missing: '파일을 선택하세요.',
  stillUploading: '업로드가 끝날 때까지 기다려 주세요.',
  minFiles: (count) => `파일을 ${count}개 이상 선택하세요.`,
  files: '파일 목록',
  total: (stored, all) => `${all}개 중 ${stored}개 업로드됨`,
  summary: {
    rejected: (count) => `${count}개 거부`,
    failed: (count) => `${count}개 실패`,
    unconfirmed: (count) => `${count}개 미확인`,
    interrupted: (count) => `${count}개 다시 선택 필요`,
    cancelled: (count) => `${count}개 취소`,
  },
  onlyThese: '이 파일만 보기',
  perSecond: (size) => `${size}/s`,
  timeLeft: (time) => `${time} 남음`,
  totalProgress: '전체 업로드 진행률',
  pauseAll: '모두 일시정지',
  resumeAll: '모두 재개',
  retryAll: '실패 항목 재시도',
  cancelAll: '모두 취소',
  clearFinished: '완료 항목 지우기',
  find: '이름으로 찾기',
  found: (found, all) => (found === all ? `파일 ${all}개` : `파일 ${all}개 중 ${found}개`),

  queued: '대기 중',
  preparing: '준비 중…',
  uploading: (percent) => `${percent} 업로드됨`,
  confirming: '전송 완료. 서버 확인을 기다리는 중…',
  done: '업로드 완료',
  unconfirmed: '저장되었지만 사이트가 아직 확인하지 않았습니다',
  cancelled: '취소됨',
  paused: '일시정지됨',
  offline: '오프라인입니다. 연결되면 자동으로 재개됩니다',
  retrying: '문제가 발생했습니다. 재시도 중…',
  elsewhere: '다른 탭에서 업로드 중',
  held: '서버 복구 대기 중',
  suspended: '중지됨. 돌아오면 재개됩니다',
  holdUntil: (time) => `서버가 혼잡합니다. ${time}에 재개됩니다.`,
  holdWaiting: (count) => `파일 ${count}개가 대기 중입니다.`,
  tryNow: '지금 재시도',
  interrupted: (percent) => `이 파일을 다시 선택하면 ${percent}부터 이어서 업로드합니다`,

  cancel: '취소',
  pause: '일시정지',
  resume: '재개',
  retry: '재시도',
  remove: '제거',
  open: '열기',
  actionOn: (action, fileName) => `${action}: ${fileName}`,
  progressOf: (fileName) => `${fileName} 업로드 진행률`,
  requestId: (reqid) => `요청 ID: ${reqid}`,
  callbackReasons: {
    unreachable: '저장소가 사이트에 연결할 수 없습니다',
    timeout: '사이트가 제때 응답하지 않았습니다',
    'not-json': '사이트의 응답이 JSON이 아닙니다',
    forbidden: '사이트가 저장소의 호출을 거부했습니다',
    refused: '사이트가 오류로 응답했습니다',
  },
  serverSays: (words) => `서버 응답: ${words}`,

  errors: {
    'token-unreachable': `사이트에 연결할 수 없습니다. ${network}`,
    'token-timeout': `사이트가 응답하지 않습니다. ${again}`,
    'token-refused': '업로드 권한이 없습니다. 로그인한 뒤 다시 시도하세요.',
    'token-server-error': `사이트에 오류가 발생했습니다. ${again}`,
    'token-denied': `사이트가 이 업로드를 거부했습니다. ${admin}`,
    'upload-unknown': '사이트에 이 업로드의 기록이 없습니다. 다시 시도하세요.',
    'token-unreadable': `토큰 대신 페이지를 받았습니다. 다시 로그인하세요. ${admin}`,
    'token-malformed': `사이트의 업로드 토큰이 잘못되었습니다. ${admin}`,
    'token-source-missing': `업로드 토큰 발급 주소가 설정되지 않았습니다. ${admin}`,
    'region-unknown': `저장 지역을 찾을 수 없습니다. ${network}`,
    network: `연결이 끊어졌습니다. ${network}`,
    stalled: `연결이 너무 느리거나 끊어졌습니다. ${network}`,
    'token-expired': '업로드 토큰이 만료되었습니다. 다시 시도하세요.',
    'too-small': `파일이 너무 작습니다. ${other}`,
    forbidden: `업로드가 거부되었습니다. ${admin}`,
    'type-forbidden': `허용되지 않는 형식입니다. ${other}`,
    'too-large': `파일이 너무 큽니다. ${other}`,
    'key-too-long': '파일 이름이 너무 깁니다. 줄인 뒤 다시 시도하세요.',
    'account-disabled': `저장소가 정지되었습니다. ${admin}`,
    'checksum-mismatch': '전송 중 데이터가 손상되었습니다. 다시 시도하세요.',
    'rate-limited': `업로드가 너무 많습니다. ${again}`,
    'callback-failed': '저장되었지만 사이트가 아직 확인하지 않았습니다. 다시 업로드할 필요는 없습니다.',
    'upload-expired': '이전 업로드가 만료되었습니다. 다시 시도하세요.',
    'file-exists': '같은 이름의 다른 파일이 있습니다. 이름을 바꾸세요.',
    'bucket-missing': `저장 공간이 없습니다. ${admin}`,
    'region-mismatch': `저장 지역이 잘못 설정되었습니다. ${admin}`,
    'bad-request': `업로드 요청이 잘못되었습니다. ${admin}`,
    'server-error': `저장소를 사용할 수 없습니다. ${again}`,
    'reply-lost': `전송했지만 응답이 없습니다. ${again}`,
    'reply-unreadable': `전송했지만 응답을 읽을 수 없습니다. ${admin}`,
    'file-unreadable': '파일을 읽을 수 없습니다. 다시 선택하세요.',
    'file-changed': '선택한 뒤 파일이 변경되거나 이동되었습니다. 다시 선택하세요.',
    'hash-mismatch': '저장된 내용이 파일과 다릅니다. 다시 시도하세요.',
    'engine-unavailable': `업로더를 불러올 수 없습니다. ${network}`,
    'hook-timeout': `파일 확인이 너무 오래 걸렸습니다. ${again}`,
    unknown: '업로드에 실패했습니다. 다시 시도하세요.',
  },
  rejects: {
    duplicate: () => '같은 파일이 이미 목록에 있습니다',
    'type-not-accepted': ({ accept }) => `지원하지 않는 형식입니다. 가능한 형식: ${accept}`,
    'file-too-large': ({ maxSize }) => `${formatSize(maxSize, 'ko')}보다 큽니다. ${other}`,
    'file-too-small': ({ minSize }) => `${formatSize(minSize, 'ko')}보다 작습니다. ${other}`,
    'total-too-large': ({ maxTotalSize }) =>
      `합계가 ${formatSize(maxTotalSize, 'ko')}보다 큽니다. 먼저 일부를 제거하세요`,
    'image-too-small': ({ min }) => `이미지가 ${formatPixels(min)} 픽셀보다 작습니다. ${other}`,
    'image-too-large': ({ max }) => `이미지가 ${formatPixels(max)} 픽셀보다 큽니다. ${other}`,
    'image-unreadable': () => `이미지를 읽을 수 없습니다. ${other}`,
    refused: ({ message }) => message || '이 파일은 허용되지 않습니다',
    'too-many-files': ({ maxFiles }) =>
      maxFiles === 1 ? '파일 하나만 올릴 수 있습니다' : `최대 ${maxFiles}개입니다. 먼저 일부를 제거하세요`,
    unreadable: () => '비어 있거나 읽을 수 없어 제외했습니다. 열 수 있는지 확인하세요',
    'folder-empty': () => '폴더가 비어 있습니다. 파일이 있는 폴더를 선택하세요',
  },

  unstored: (fileName, count, remedy) => {
    const what = count === 1 ? `‘${fileName}’ 파일` : `파일 ${count}개`;
    if (remedy === 'confirm')
      return `${what}: 저장되었지만 사이트가 아직 확인하지 않았습니다. 제거하면 제출할 수 있습니다.`;
    const remedies = {
      start: '업로드를 시작하거나 제거하세요',
      resume: '재개하거나 제거하세요',
      choose: '다시 선택하거나 제거하세요',
      retry: '다시 시도하거나 제거하세요',
      remove: '제거하면 제출할 수 있습니다',
      finish: '완료하거나 제거하세요',
    };
    return `${what}: 업로드되지 않았습니다. ${remedies[remedy]}.`;
  },

  outcome: (fileName, outcome) => `${fileName}: ${outcome}`,
  outcomes: ({ done, unconfirmed, failed, cancelled, rejected, removed }) =>
    [
      done > 0 && `${done}개 완료`,
      unconfirmed > 0 && `${unconfirmed}개 미확인`,
      failed > 0 && `${failed}개 실패`,
      cancelled > 0 && `${cancelled}개 취소`,
      rejected > 0 && `${rejected}개 거부`,
      removed > 0 && `${removed}개 제거`,
    ]
      .filter(Boolean)
      .join(', '),
  removed: '제거됨',
};
