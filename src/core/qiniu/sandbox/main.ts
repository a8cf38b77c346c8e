/**
 * The sandbox's own script: qiniu-js in a worker, or in an empty frame where no worker can start.
 *
 * It is built as one self-contained file, does one upload at a time, and is ended from outside: terminating it is
 * the only way to stop qiniu-js for certain (it keeps sending after `unsubscribe()` and after a fatal error).
 */
import { connectEnvironment, clearStorage } from './environment.js';
import type { SandboxCommand, SandboxMessage } from './messages.js';
import { createAdmission, gateRequests } from './gated-request.js';
import { runSdk } from './run-sdk.js';
import { prepareMd5 } from './spark-md5.js';

/** The page sends one message with a port; everything else goes through that port. */
self.addEventListener('message', function onConnect(event: MessageEvent<unknown>): void {
  const [port] = event.ports;
  if (port === undefined || event.data !== 'connect') return;
  self.removeEventListener('message', onConnect);
  serve(port);
});

function serve(port: MessagePort): void {
  const say = (message: SandboxMessage): void => port.postMessage(message);
  const admission = createAdmission(say);
  connectEnvironment();
  gateRequests(admission, () => say({ type: 'sent' }));
  port.onmessage = ({ data: command }: MessageEvent<SandboxCommand>): void => {
    switch (command.type) {
      case 'admit':
        admission.admit(command.request);
        break;
      case 'upload':
        clearStorage();
        void prepareMd5().then(() => runSdk(command, say));
        break;
    }
  };
  say({ type: 'ready' });
}
