/**
 * The sandbox's script: runs qiniu-js in a worker, or in an empty frame if no worker can start.
 *
 * It is built as one self-contained file and runs one upload at a time. The page terminates it, which is the only
 * reliable way to stop qiniu-js (it keeps sending after `unsubscribe()` and after a fatal error).
 */
import { needBytes, replaceFileReader } from './blob-reader.js';
import { connectEnvironment } from './environment.js';
import { createAdmission, gateRequests } from './gated-request.js';
import type { SandboxCommand, SandboxMessage } from './messages.js';
import { PartCheck } from './part-check.js';
import { runSdk } from './run-sdk.js';
import { prepareMd5 } from './spark-md5.js';
import { StoredParts } from './stored-parts.js';

type CommandHandler = (command: Exclude<SandboxCommand, { readonly type: 'connect' }>) => void;

let handleCommand: CommandHandler | undefined;

// Commands are posted to the worker or frame itself, see `connect` in open-sandbox.ts; messages use the port.
self.addEventListener('message', ({ data: command, origin, ports: [port] }: MessageEvent<SandboxCommand>): void => {
  // Any window with a reference to a frame can post to it; a worker's messages have no origin.
  if (origin !== '' && origin !== self.origin) return;
  if (command.type !== 'connect') handleCommand?.(command);
  else if (port !== undefined) handleCommand ??= serve(port);
});

function serve(port: MessagePort): CommandHandler {
  const post = (message: SandboxMessage): void => port.postMessage(message);
  const admission = createAdmission(post);
  const stored = new StoredParts(post);
  const check = new PartCheck((failure) => post({ type: 'failure', failure }));
  let token = '';
  let retryAfter: number | undefined;
  connectEnvironment(stored);
  replaceFileReader();
  gateRequests(admission, {
    token: () => token,
    onBegin: (uploadId) => stored.begin(uploadId),
    onPart: (partNumber, body, etag) => check.add(body, etag, () => stored.verify(partNumber)),
    onComplete: () => check.verified(),
    onSent: () => post({ type: 'sent' }),
    onRequest: (request) => post({ type: 'request', request }),
    onRetryAfter: (milliseconds) => (retryAfter = milliseconds),
  });
  post({ type: 'ready' });
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
          runSdk(command, { stored, post, checked: () => check.idle(), retryAfter: () => retryAfter }),
        );
        break;
    }
  };
}
