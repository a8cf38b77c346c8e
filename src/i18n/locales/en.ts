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
  totalProgress: 'Overall upload progress',
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
  interrupted: (percent) => `Choose this file again to resume at ${percent}`,

  cancel: 'Cancel',
  pause: 'Pause',
  resume: 'Resume',
  retry: 'Retry',
  remove: 'Remove',
  open: 'Open',
  actionOn: (action, fileName) => `${action} ${fileName}`,
  progressOf: (fileName) => `Upload progress of ${fileName}`,
  requestId: (reqid) => `Request ID: ${reqid}`,
  callbackReasons: {
    unreachable: 'The storage service could not reach the site',
    timeout: 'The site did not respond to the storage service in time',
    'not-json': 'The site’s response to the storage service is not JSON',
    forbidden: 'The site rejected the storage service’s request',
    refused: 'The site returned an error to the storage service',
  },
  serverSays: (words) => `Server message: ${words}`,

  errors: {
    'token-unreachable': 'The site cannot be reached. Check your connection and try again.',
    'token-timeout': 'The site is not responding. Try again in a moment.',
    'token-refused': 'You don’t have permission to upload. Sign in and try again.',
    'token-server-error': 'The site reported an error. Try again in a moment.',
    'token-denied': 'The site rejected this upload. Contact the site’s administrator.',
    'upload-unknown': 'The site no longer recognizes this upload. Try again.',
    'token-unreadable':
      'The site sent a page instead of an upload token. Sign in and try again. If that doesn’t help, contact the site’s administrator.',
    'token-malformed': 'The site returned an invalid upload token. Contact the site’s administrator.',
    'token-source-missing': 'This page is not set up for uploads. Contact the site’s administrator.',
    'region-unknown': 'The storage region could not be determined. Check your connection and try again.',
    network: 'The connection was lost. Check your network and try again.',
    stalled: 'The connection is too slow or was lost. Check your network and try again.',
    'token-expired': 'The upload token is no longer valid. Try again.',
    'too-small': 'The file is too small. Choose another one.',
    forbidden: 'The storage service rejected the upload. Contact the site’s administrator.',
    'type-forbidden': 'Files of this type are not allowed. Choose another file.',
    'too-large': 'The file is too large. Choose a smaller one.',
    'key-too-long': 'The file’s name is too long. Shorten it and try again.',
    'account-disabled': 'The site’s storage account is suspended. Contact the site’s administrator.',
    'checksum-mismatch': 'The data was corrupted in transit. Try again.',
    'rate-limited': 'Too many uploads at once. Try again in a moment.',
    'callback-failed': 'The file is stored, but the site has not confirmed it. You don’t need to upload it again.',
    'upload-expired': 'The earlier upload has expired. Try again.',
    'file-exists': 'A different file with this name already exists. Rename your file.',
    'bucket-missing': 'The storage bucket does not exist. Contact the site’s administrator.',
    'region-mismatch': 'The storage region is misconfigured. Contact the site’s administrator.',
    'bad-request': 'The upload request is invalid. Contact the site’s administrator.',
    'server-error': 'The storage service is unavailable. Try again in a moment.',
    'reply-lost': 'The file was sent, but no response was received. Try again in a moment.',
    'reply-unreadable': 'The file was sent, but the response is invalid. Contact the site’s administrator.',
    'file-unreadable': 'The file cannot be read. Choose it again.',
    'file-changed': 'The file was changed or moved after it was chosen. Choose it again.',
    'hash-mismatch': 'The stored file doesn’t match the original. Try again.',
    'engine-unavailable': 'The uploader could not be loaded. Check your connection and try again.',
    'hook-timeout': 'The file check took too long. Try again.',
    unknown: 'The upload failed. Try again.',
  },
  rejects: {
    duplicate: () => 'This file has already been added',
    'type-not-accepted': ({ accept }) => `This file type is not accepted. Accepted types: ${accept}`,
    'file-too-large': ({ maxSize }) => `Larger than ${formatSize(maxSize, 'en')}. Choose a smaller file`,
    'file-too-small': ({ minSize }) => `Smaller than ${formatSize(minSize, 'en')}. Choose another file`,
    'total-too-large': ({ maxTotalSize }) =>
      `The total size exceeds ${formatSize(maxTotalSize, 'en')}. Remove other files first`,
    'image-too-small': ({ min }) => `Smaller than ${formatPixels(min)} pixels. Choose a larger image`,
    'image-too-large': ({ max }) => `Larger than ${formatPixels(max)} pixels. Choose a smaller image`,
    'image-unreadable': () => 'This image cannot be read. Choose another file',
    refused: ({ message }) => message || 'This file is not accepted',
    'too-many-files': ({ maxFiles }) =>
      maxFiles === 1 ? 'Only one file is allowed' : `At most ${files(maxFiles)} allowed. Remove one first`,
    unreadable: () => 'Empty or unreadable, so it was skipped. Check that you can open it',
    'folder-empty': () => 'This folder is empty. Choose one that contains files',
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
      finish: `Finish uploading or remove ${it}`,
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
