import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';

/**
 * Responds to requests that Node's parser rejects in the same form as other errors: JSON and a request id. Node's
 * default would be a bare 400.
 */
export function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, text] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ['431 Request Header Fields Too Large', 'header too large']
      : ['400 Bad Request', 'malformed request'];
  const body = JSON.stringify({ error: text });
  const head = [
    `HTTP/1.1 ${status}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    `X-Reqid: ${randomBytes(12).toString('base64url')}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
