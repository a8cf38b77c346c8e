/**
 * Runs once for all tabs of a browser, as a shared worker: browsers open six connections to a server at most, and an event
 * stream for each tab would use them up. The stream is open while some tab wants it, and each event goes to all of those.
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
  port.addEventListener('close', leave); // a tab that crashed; browsers that do not know it keep the stream open
  port.start();
});
