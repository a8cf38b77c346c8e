/**
 * Shared worker that serves all tabs of a browser: browsers open at most six connections to an HTTP/1.1 server, and an
 * event stream for each tab would use them up. The stream is open while a tab follows it; all following tabs get each event.
 */
import { openStream } from './open-stream.js';

const followers = new Set();
let stream;

function update() {
  if (followers.size > 0) {
    stream ??= openStream((data) => {
      for (const port of followers) port.postMessage(data);
    });
  } else {
    stream?.close();
    stream = undefined;
  }
}

addEventListener('connect', ({ ports: [port] }) => {
  const leave = () => {
    followers.delete(port);
    update();
  };
  port.addEventListener('message', ({ data }) => {
    if (data === 'follow') followers.add(port);
    else followers.delete(port);
    update();
  });
  port.addEventListener('close', leave); // a tab crashed; browsers without this event keep the stream open
  port.start();
});
