import { formatPixels, formatSize } from '../format-size.js';
import type { Messages } from '../messages.js';
import { enShell } from '../shell-messages.js';

function files(count: number): string {
  return count === 1 ? '1 file' : `${count} files`;
}

export const en: Messages = {
  ...enShell,
  files: 'Files',
  total: (stored, all) => `${stored} of ${files(all)} uploaded`,
  summary: {
    rejected: (count) => `${count} not accepted`,
    failed: (count) => `${count} failed`,
    unconfirmed: (count) => `${count} not confirmed`,
    interrupted: (count) => `${count} to choose again`,
    cancelled: (count) => `${count} cancelled`,
  },
  onlyThese: 'Show only these files',
  perSecond: (size) => `${size}/s`,
  timeLeft: (time) => `${time} left`,
  totalProgress: 'Upload of all files',
  pauseAll: 'Pause all',
  resumeAll: 'Resume all',
  retryAll: 'Retry failed',
  cancelAll: 'Cancel all',
  clearFinished: 'Clear finished',
  find: 'Find by name',
  found: (found, all) => (found === all ? files(all) : `${found} of ${files(all)}`),

  queued: 'Waiting',
  preparing: 'Preparing…',
  uploading: (percent) => `${percent} uploaded`,
  confirming: 'Sent. Waiting for the server…',
  done: 'Uploaded',
  unconfirmed: 'Stored, but the site has not confirmed it yet',
  cancelled: 'Cancelled',
  paused: 'Paused',
  offline: 'Offline. Resumes automatically.',
  retrying: 'Something went wrong. Retrying…',
  elsewhere: 'Uploading in another tab',
  held: 'Waiting for the server',
  suspended: 'Stopped. Resumes when you come back.',
  holdUntil: (time) => `The server is busy. Uploads resume at ${time}.`,
  holdWaiting: (count) => `${files(count)} waiting.`,
  tryNow: 'Try now',
  interrupted: (percent) => `Choose this file again to go on at ${percent}`,

  cancel: 'Cancel',
  pause: 'Pause',
  resume: 'Resume',
  retry: 'Retry',
  remove: 'Remove',
  open: 'Open',
  actionOn: (action, fileName) => `${action} ${fileName}`,
  progressOf: (fileName) => `Upload of ${fileName}`,
  requestId: (reqid) => `Request ${reqid}`,
  callbackReasons: {
    unreachable: 'The storage service cannot reach the site',
    timeout: 'The site did not answer the storage service in time',
    'not-json': 'The site’s answer to the storage service is not JSON',
    forbidden: 'The site refused the storage service’s call',
    refused: 'The site answered the storage service with an error',
  },
  serverSays: (words) => `The server says: ${words}`,

  errors: {
    'token-unreachable': 'The site cannot be reached. Check your connection and retry.',
    'token-timeout': 'The site does not answer. Retry in a moment.',
    'token-refused': 'You don’t have permission to upload. Sign in and try again.',
    'token-server-error': 'The site reported an error. Retry in a moment.',
    'token-denied': 'The site does not take this upload. Tell its operator.',
    'upload-unknown': 'The site does not know this upload any more. Retry.',
    'token-unreadable':
      'The site sent a page instead of an upload token. Sign in and try again. If that doesn’t help, contact the site’s administrator.',
    'token-malformed': 'The site gave a broken upload token. Tell its operator.',
    'token-source-missing': 'This page is not set up for uploads. Contact the site’s administrator.',
    'region-unknown': 'The storage region could not be found. Check your connection and retry.',
    network: 'The connection was lost. Check it and retry.',
    stalled: 'The connection is too slow or was lost. Check it and retry.',
    'token-expired': 'The upload token is no longer valid. Retry.',
    'too-small': 'The file is too small. Choose another one.',
    forbidden: 'The upload was refused. Tell the site’s operator.',
    'type-forbidden': 'Files of this type are not allowed. Choose another file.',
    'too-large': 'The file is too large. Choose a smaller one.',
    'key-too-long': 'The file’s name is too long. Shorten it and try again.',
    'account-disabled': 'The storage service is suspended. Tell the site’s operator.',
    'checksum-mismatch': 'The data was damaged on the way. Retry.',
    'rate-limited': 'Too many uploads at once. Retry in a moment.',
    'callback-failed': 'The file is stored, but the site has not confirmed it. No need to upload it again.',
    'upload-expired': 'The earlier upload has expired. Retry.',
    'file-exists': 'Another file of this name exists already. Rename yours.',
    'bucket-missing': 'The storage bucket does not exist. Tell the site’s operator.',
    'region-mismatch': 'The storage region is not set right. Tell the site’s operator.',
    'bad-request': 'The upload request was not accepted. Tell the site’s operator.',
    'server-error': 'The storage service is not available. Retry in a moment.',
    'reply-lost': 'The file was sent, but no reply came. Retry in a moment.',
    'reply-unreadable': 'The file was sent, but the reply is not usable. Tell the site’s operator.',
    'file-unreadable': 'The file cannot be read. Choose it again.',
    'file-changed': 'The file was changed or moved after it was chosen. Choose it again.',
    'hash-mismatch': 'What was stored is not the file. Retry.',
    'engine-unavailable': 'The uploader could not be loaded. Check your connection and retry.',
    'hook-timeout': 'The file check took too long. Try again.',
    unknown: 'The upload failed. Retry.',
  },
  rejects: {
    duplicate: () => 'This very file is in the list already',
    'type-not-accepted': ({ accept }) => `This type is not accepted. Choose one of: ${accept}`,
    'file-too-large': ({ maxSize }) => `Larger than ${formatSize(maxSize, 'en')}. Choose a smaller file`,
    'file-too-small': ({ minSize }) => `Smaller than ${formatSize(minSize, 'en')}. Choose another file`,
    'total-too-large': ({ maxTotalSize }) =>
      `More than ${formatSize(maxTotalSize, 'en')} together. Remove other files first`,
    'image-too-small': ({ min }) => `Smaller than ${formatPixels(min)} pixels. Choose a larger picture`,
    'image-too-large': ({ max }) => `Larger than ${formatPixels(max)} pixels. Choose a smaller picture`,
    'image-unreadable': () => 'This picture cannot be read. Choose another file',
    refused: ({ message }) => message || 'This file was not accepted',
    'too-many-files': ({ maxFiles }) =>
      maxFiles === 1 ? 'Only one file is taken here' : `No more than ${files(maxFiles)}. Remove one first`,
    unreadable: () => 'Empty or unreadable, so it was left out. Check that you may open it',
    'folder-empty': () => 'This folder is empty. Choose one with files in it',
  },

  unstored: (fileName, count, remedy) => {
    const [what, it] = count === 1 ? [`“${fileName}” is`, 'it'] : [`${files(count)} are`, 'them'];
    if (remedy === 'confirm') {
      return `${what} stored, but the site has not confirmed ${it}. Remove ${it} to submit without ${it}.`;
    }
    const remedies = {
      start: `Start the upload or remove ${it}`,
      resume: `Resume or remove ${it}`,
      choose: `Choose ${it} again or remove ${it}`,
      retry: `Retry or remove ${it}`,
      remove: `Remove ${it} to submit without ${it}`,
      finish: `Finish or remove ${it}`,
    };
    return `${what} not uploaded. ${remedies[remedy]}.`;
  },

  outcome: (fileName, outcome) => `${fileName}: ${outcome}`,
  outcomes: ({ done, unconfirmed, failed, cancelled, rejected, removed }) =>
    [
      done > 0 && `${files(done)} uploaded`,
      unconfirmed > 0 && `${files(unconfirmed)} stored but not confirmed`,
      failed > 0 && `${files(failed)} failed`,
      cancelled > 0 && `${files(cancelled)} cancelled`,
      rejected > 0 && `${files(rejected)} not accepted`,
      removed > 0 && `${files(removed)} removed`,
    ]
      .filter(Boolean)
      .join(', '),
  removed: 'Removed',
};
