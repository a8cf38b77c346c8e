import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const KODO = join(ROOT, 'demo-server/kodo');
const run = promisify(execFile);

let home: string;
/** The package as it is installed, with the dependencies that it names and no others. */
let installed: string;
before(async () => {
  home = await mkdtemp(join(tmpdir(), 'kodo-package-'));
  const shell = process.platform === 'win32';
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', home], { cwd: KODO, shell });
  const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf('['))) as [{ filename: string }];
  const modules = join(home, 'node_modules');
  installed = join(modules, 'kodo-local');
  await mkdir(installed, { recursive: true });
  await run('tar', ['-xzf', join(home, filename), '-C', installed, '--strip-components=1']);
  const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as Record<
    'dependencies' | 'optionalDependencies',
    Record<string, string>
  >;
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(ROOT, 'node_modules', name), join(modules, name), 'junction');
  }
});
after(() => rm(home, { recursive: true, force: true }));

describe('the package kodo-local', () => {
  test('runs as a command where nothing of the repository is', async () => {
    const child = spawn(process.execPath, [join(installed, 'bin.js'), '--port', '0', '--access-key', 'ak'], {
      cwd: home,
    });
    try {
      const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
      const origin = /http:\/\/[\d.:]+$/.exec(line)?.[0];
      assert.equal((await fetch(`${origin}/v2/query?ak=ak&bucket=demo`)).status, 200);
    } finally {
      child.kill();
      await once(child, 'exit');
    }
  });

  test('judges callback routes as a command and as a library, with types', async () => {
    const bin = join(installed, 'bin.js');
    const { stdout: help } = await run(process.execPath, [bin, 'judge', '--help', '--lang', 'en'], { cwd: home });
    assert.match(help, /^Usage: kodo-local judge /);
    await writeFile(
      join(home, 'judge.mjs'),
      `import { createServer } from 'node:http';
       import { formatJudgement, judgeCallbacks } from 'kodo-local';
       const server = createServer((req, res) => res.writeHead(401).end('{}')).listen(0, '127.0.0.1', async () => {
         const url = 'http://127.0.0.1:' + server.address().port;
         const judgement = await judgeCallbacks({ url, accessKey: 'ak', secretKey: 'sk', stallLimit: 100 });
         console.log(formatJudgement(judgement, 'zh-CN'));
         server.close();
         server.closeAllConnections();
       });`,
    );
    const { stdout } = await run(process.execPath, ['judge.mjs'], { cwd: home, timeout: 60_000 });
    assert.match(stdout, /^失败 {2}有效回调/);
    assert.match(await readFile(join(installed, 'dist/index.d.ts'), 'utf8'), /judgeCallbacks/);
  });

  test('is a library with types, whose media worker is there too', async () => {
    await writeFile(
      join(home, 'use.mjs'),
      `import { startKodo } from 'kodo-local';
       import { readFile } from 'node:fs/promises';
       const kodo = await startKodo();
       const { signUploadToken } = await import('./node_modules/kodo-local/dist/policy/upload-token.js');
       const policy = { scope: 'demo', deadline: 4102444800, returnBody: '{"width":$(avinfo.video.width)}' };
       const form = new FormData();
       form.set('token', signUploadToken(kodo, policy));
       form.set('file', new File([await readFile(process.argv[2])], 'tiny.mp4'));
       console.log(await (await fetch(kodo.origin, { method: 'POST', body: form })).text());
       await kodo.close();`,
    );
    const media = fileURLToPath(new URL('../server/media/tiny.mp4', import.meta.url));
    const { stdout } = await run(process.execPath, ['use.mjs', media], { cwd: home });
    assert.deepEqual(JSON.parse(stdout), { width: 64 });
    assert.match(await readFile(join(installed, 'dist/start-kodo.d.ts'), 'utf8'), /function startKodo/);
  });

  test('brings its words and its licence, and no sources', async () => {
    for (const name of ['README.md', 'README.zh-CN.md', 'LICENSE']) {
      assert.equal(await readFile(join(installed, name), 'utf8'), await readFile(join(KODO, name), 'utf8'));
    }
    assert.equal(await readFile(join(KODO, 'LICENSE'), 'utf8'), await readFile(join(ROOT, 'LICENSE'), 'utf8'));
    await assert.rejects(readFile(join(installed, 'start-kodo.ts')), { code: 'ENOENT' });
  });
});
