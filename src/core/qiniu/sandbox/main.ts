/**
 * The sandbox's own script: qiniu-js in a worker, or in an empty frame where no worker can start.
 *
 * It is built as one self-contained file, does one upload at a time, and is ended from outside: terminating it is
 * the only way to stop qiniu-js for certain (it keeps sending after `unsubscribe()` and after a fatal error).
 */
import { needBytes, replaceFileReader } from './blob-reader.js';
import { connectEnvironment } from './environment.js';
import { createAdmission, gateRequests } from './gated-request.js';
import type { SandboxCommand, SandboxMessage } from './messages.js';
import { PartCheck } from './part-check.js';
import { runSdk } from './run-sdk.js';
import { prepareMd5 } from './spark-md5.js';
import { StoredParts } from './stored-parts.js';

type Obey = (command: Exclude<SandboxCommand, { readonly type: 'connect' }>) => void;

let obey: Obey | undefined;

/** Commands come to the worker or frame itself, see `connect` in open-sandbox.ts; answers go through the port. */
self.addEventListener('message', ({ data: command, origin, ports: [port] }: MessageEvent<SandboxCommand>): void => {
  // A frame can be written to by any window that finds it; a worker's messages have no origin.
  if (origin !== '' && origin !== self.origin) return;
  if (command.type !== 'connect') obey?.(command);
  else if (port !== undefined) obey ??= serve(port);
});

function serve(port: MessagePort): Obey {
  const say = (message: SandboxMessage): void => port.postMessage(message);
  const admission = createAdmission(say);
  const stored = new StoredParts(say);
  const check = new PartCheck((failure) => say({ type: 'failure', failure }));
  let token = '';
  let retryAfter: number | undefined;
  connectEnvironment(stored);
  replaceFileReader();
  gateRequests(admission, {
    token: () => token,
    onBegin: (uploadId) => stored.begin(uploadId),
    onPart: (partNumber, body, etag) => check.add(body, etag, () => stored.verify(partNumber)),
    onComplete: () => check.settled(),
    onSent: () => say({ type: 'sent' }),
    onRequest: (request) => say({ type: 'request', request }),
    onRetryAfter: (milliseconds) => (retryAfter = milliseconds),
  });
  say({ type: 'ready' });
  return (command) => {
    switch (command.type) {
      case 'admit':
        admission.admit(command.request);
        break;
      case 'token':
        ({ token } = command);
        break;
      case 'upload':
        ({ token } = command);
        retryAfter = undefined;
        admission.begin(command.isAdmitted);
        stored.reset(command.stored);
        needBytes(stored.hasRecord);
        void prepareMd5(stored.hasRecord).then(() =>
          runSdk(command, { stored, say, checked: () => check.idle(), retryAfter: () => retryAfter }),
        );
        break;
    }
  };
}
