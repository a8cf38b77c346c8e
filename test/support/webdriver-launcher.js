import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.js';

/** WebDriver code points of keys that produce no character. */
const KEYS = { Enter: '\uE007', Tab: '\uE004', Escape: '\uE00C', Delete: '\uE017' };

/** Launches a browser for @web/test-runner directly with its own WebDriver. */
export function webDriverLauncher({ name, command, capabilities }) {
  let driver;
  let address;
  let session;
  let starting;
  const urls = new Map();

  const call = async (method, path, body) => {
    const response = await fetch(address + path, {
      method,
      ...(method === 'POST' && { body: JSON.stringify(body ?? {}) }),
      signal: AbortSignal.timeout(30_000), // without a display, WebDriver never creates a session
    });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${name}: ${value?.error}: ${value?.message}`);
    return value;
  };

  const start = async () => {
    const port = await freePort();
    address = `http://127.0.0.1:${port}`;
    driver = spawn(command, [`--port=${port}`], { stdio: 'ignore' });
    const failed = new Promise((_, reject) => driver.once('error', reject));
    process.once('exit', () => driver.kill());
    await Promise.race([untilReady(call), failed]);
    const { sessionId } = await call('POST', '/session', { capabilities: { alwaysMatch: capabilities } });
    session = `/session/${sessionId}`;
  };

  return {
    name,
    type: 'webdriver',
    concurrency: 1,
    async initialize() {},
    async startSession(id, url) {
      starting ??= start();
      await starting;
      urls.set(id, url);
      await call('POST', `${session}/url`, { url });
    },
    isActive: (id) => urls.has(id),
    getBrowserUrl: (id) => urls.get(id),
    async stopSession(id) {
      urls.delete(id);
      await call('POST', `${session}/url`, { url: 'about:blank' });
      return {};
    },
    /** Presses keys one after the other, for `sendKeys` of @web/test-runner-commands. */
    async sendKeys(_id, keys) {
      const actions = keys.flatMap((key) => {
        const value = KEYS[key] ?? key;
        return [
          { type: 'keyDown', value },
          { type: 'keyUp', value },
        ];
      });
      await call('POST', `${session}/actions`, { actions: [{ type: 'key', id: 'keyboard', actions }] });
    },
    async startDebugSession() {
      throw new Error(`Debugging ${name} is not supported.`);
    },
    async stop() {
      try {
        if (session !== undefined) await call('DELETE', session);
      } finally {
        driver?.kill();
      }
    },
  };
}

async function untilReady(call) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await call('GET', '/status');
    } catch (error) {
      if (attempt === 100) throw error;
      await sleep(50);
    }
  }
}
