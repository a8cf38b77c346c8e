import { chromium } from '@playwright/test';
import { createServer } from 'node:http'; import { readFileSync } from 'node:fs'; import { once } from 'node:events';
const server = createServer((q, r) => { const p = new URL(q.url, 'http://x').pathname; try { const b = p === '/' ? Buffer.from('<!doctype html><meta charset=utf-8><meta name=color-scheme content="light dark"><body style="margin:16px;font-family:system-ui;background:Canvas"><script type=module src=/qiniu-uploader/qiniu-uploader.bundle.js></script>') : readFileSync('dist/' + p.slice(16)); r.writeHead(200, { 'content-type': p === '/' ? 'text/html' : 'text/javascript' }).end(b); } catch { r.writeHead(404).end(); } }).listen(0, '127.0.0.1'); await once(server, 'listening');
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
for (const [name, type, lang, w, scheme, n] of [['text', 'text', 'zh-CN', 720, 'light', 0], ['pic', 'picture', 'zh-CN', 720, 'light', 0], ['card', 'picture-card', 'zh-CN', 720, 'light', 0], ['card-en-dark', 'picture-card', 'en', 720, 'dark', 0], ['pic-narrow', 'picture', 'en', 340, 'dark', 0], ['card-narrow', 'picture-card', 'zh-CN', 340, 'light', 0], ['long', 'picture', 'zh-CN', 720, 'light', 300], ['long-card', 'picture-card', 'en', 720, 'dark', 300], ['pic-en', 'picture', 'en', 720, 'light', 0]]) {
  const p = await b.newPage({ viewport: { width: w, height: 900 }, colorScheme: scheme });
  p.on('pageerror', (e) => console.log(name, e.message));
  await p.goto(`http://127.0.0.1:${server.address().port}/`);
  await p.evaluate(async ([type, lang, n]) => {
    const { UploadQueue, UploadError } = await import('/qiniu-uploader/qiniu-uploader.core.bundle.js');
    const wait = (ms) => new Promise((r) => setTimeout(r, ms));
    const queue = new UploadQueue({ resume: false, retries: 0, rules: { maxSize: 50e6 }, upHosts: ['https://up.example'], tokenProvider: () => ({ key: 'k', token: 'a:b:' + btoa('{"scope":"d","deadline":4102444800}') }), transport: { findHosts: async () => [], abandon: async () => {}, upload: async ({ file }, { signal, onProgress, onSent }) => {
      if (/fail/.test(file.name)) throw new UploadError('forbidden', 'x', { reqid: 'TUEAAABr3XDaYrIX', serverMessage: "key doesn't match with scope" });
      if (/cb/.test(file.name)) throw new UploadError('callback-failed', 'x', { status: 579, reqid: 'TUEAAABr3XDaYrIX', callback: { key: 'k', hash: 'h', reason: 'not-json', status: 200, message: 'unexcepted' } });
      if (/net/.test(file.name)) throw new UploadError('network', 'x');
      if (/mid|big/.test(file.name)) { for (let i = 0; i < 40; i++) { await wait(25); onProgress(file.size * 0.011 * i); } await new Promise((_, rej) => signal.addEventListener('abort', () => rej(signal.reason))); }
      if (/sent/.test(file.name)) { onSent(); await new Promise(() => {}); }
      return { response: { key: 'k', url: '/x.png' }, hash: undefined };
    } } });
    const el = document.createElement('qiniu-uploader'); el.lang = lang; el.multiple = true; el.listType = type; el.queue = queue; el.style.maxWidth = '680px'; document.body.append(el);
    const c = document.createElement('canvas'); c.width = 300; c.height = 200; const g = c.getContext('2d'); const gr = g.createLinearGradient(0, 0, 300, 200); gr.addColorStop(0, '#f60'); gr.addColorStop(1, '#06f'); g.fillStyle = gr; g.fillRect(0, 0, 300, 200); const blob = await new Promise((r) => c.toBlob(r));
    const f = (name, size) => name.endsWith('png') ? new File([blob], name, { type: 'image/png' }) : new File([new Uint8Array(size)], name);
    if (n) { queue.add(Array.from({ length: n }, (_, i) => f(i % 3 ? `照片-${i}.png` : `mid-${i}.mp4`, 3e6))); await wait(1500); return; }
    queue.add([f('风景照片-landscape.png'), f('mid-视频.mp4', 8e6), f('fail-合同.pdf', 120000), f('cb-报告.docx', 80000), f('net-录音.m4a', 4e6), f('sent-a-very-long-file-name-that-does-not-fit-anywhere.zip', 1e6), f('huge.iso', 60e6), f('paused-mid.bin', 5e6)]);
    await wait(700); const it = queue.items.find((i) => i.name.startsWith('paused')); queue.pause(it.id); await wait(900);
  }, [type, lang, n]);
  await p.screenshot({ path: `/tmp/s/look-${name}.png`, fullPage: true }); await p.close();
}
await b.close(); process.exit();
