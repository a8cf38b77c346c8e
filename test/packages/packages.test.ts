import assert from 'node:assert/strict';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);
const shell = process.platform === 'win32';

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
}

let home: string;
/** The repository as a clean clone has it. */
let clone: string;
/** `demo-server`, copied out of it, with the dependencies that it names and no others. */
let server: string;
/** What `npm pack` makes in the clone. */
let tarball: string;

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'packages-'));
  clone = join(home, 'clone');
  const { stdout } = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT });
  for (const name of stdout.split('\0').filter((file) => file !== '')) {
    await cp(join(ROOT, name), join(clone, name), { force: true }).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error; // deleted, and not yet committed
    });
  }
  server = join(home, 'server');
  await cp(join(clone, 'demo-server'), server, { recursive: true });
  const [own, kodo] = await Promise.all([readManifest(server), readManifest(join(server, 'kodo'))]);
  const names = [own.dependencies, kodo.dependencies, kodo.optionalDependencies ?? {}].flatMap(Object.keys);
  for (const name of new Set(names.filter((each) => each !== 'kodo-local'))) {
    const link = join(server, 'node_modules', name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(ROOT, 'node_modules', name), link, 'junction');
  }
});
after(() => rm(home, { recursive: true, force: true }));

/** Runs `npm start` until it has said what it says, and hands over its output. */
async function start(folder: string, env: Readonly<Record<string, string>>): Promise<[string, ChildProcess]> {
  const { PATH = '', HOME = '' } = process.env;
  const { scripts } = await readManifest(folder);
  const [command = '', ...args] = (scripts['start'] ?? '').split(' ');
  assert.equal(command, 'node');
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { PATH, HOME, PORT: '0', KODO_PORT: '0', LOG_LEVEL: 'silent', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  // The last line tells of the element, or of Kodo.
  while (!/(Local Kodo: |PUBLIC_URL is not set)[^\n]*\n/.test(output) || !/\n[^\n]*\n/.test(output)) {
    await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
    if (child.exitCode !== null) throw new Error(`It did not start: ${output}`);
  }
  return [output, child];
}

const originIn = (output: string): string => /Demo page: +(\S+)\//.exec(output)?.[1] ?? '';

describe('demo-server, copied out of the repository (A13)', { timeout: 120_000 }, () => {
  test('depends on no name that others could publish', async () => {
    const { dependencies } = await readManifest(server);
    assert.equal(dependencies['kodo-local'], 'file:./kodo');
    assert.equal(dependencies['qiniu-uploader'], undefined);
  });

  test('starts without a build, serves page and API, and says how to get the element', async () => {
    const [output, child] = await start(server, { DATA_FOLDER: join(home, 'data') });
    try {
      assert.match(output, /\nThe element is not built[^\n]*"npm run build"[^\n]*ELEMENT_FOLDER\.\n/);
      const origin = originIn(output);
      assert.equal((await fetch(`${origin}/`)).status, 200);
      assert.equal((await fetch(`${origin}/api/uploads`)).status, 200);
      assert.equal((await fetch(`${origin}/qiniu-uploader/qiniu-uploader.bundle.js`)).status, 404);
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('starts in production, where the local Kodo is not used', async () => {
    const [output, child] = await start(server, {
      NODE_ENV: 'production',
      DATA_FOLDER: join(home, 'production'),
      QINIU_ACCESS_KEY: 'mzXW3Pn8nYbN3kVt0Bq1xJ5cR7uL9aSdFgHjKlQw',
      QINIU_SECRET_KEY: 'testW3Pn8nYbN3kVt0Bq1xJ5cR7uL9aSdFgHjKlQ',
      QINIU_BUCKET: 'b',
      QINIU_DOMAIN: 'cdn.example.com',
      SESSION_SECRET: 'x'.repeat(32),
    });
    child.kill('SIGKILL');
    assert.match(output, /^Demo page: /);
  });
});

describe('the package (A13)', { timeout: 180_000 }, () => {
  before(async () => {
    await symlink(join(ROOT, 'node_modules'), join(clone, 'node_modules'), 'junction');
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', home], { cwd: clone, shell });
    const [{ filename }] = JSON.parse(stdout.slice(stdout.lastIndexOf('\n[') + 1)) as [{ filename: string }];
    tarball = join(home, filename);
  });

  test('is built by npm pack, and holds dist with the licences of what is bundled', async () => {
    const { stdout } = await run('tar', ['-tzf', tarball]);
    const names = stdout.trim().split('\n');
    for (const name of [
      'index.js',
      'index.d.ts',
      'qiniu-uploader.bundle.js',
      'sdk-sandbox.js',
      'custom-elements.json',
    ]) {
      assert.ok(names.includes(`package/dist/${name}`), name);
    }
    const read = async (name: string): Promise<string> =>
      (await run('tar', ['-xzOf', tarball, `package/dist/${name}`], { maxBuffer: 16 * 1024 * 1024 })).stdout;
    const bundle = await read('qiniu-uploader.bundle.licenses.md');
    for (const name of ['lit-html', 'lit-element', '@lit/reactive-element'])
      assert.ok(bundle.includes(`## ${name} - `));
    assert.match(bundle, /Copyright \(c\) 2017 Google LLC[^]*Redistributions in binary form must reproduce/);
    const sandbox = await read('sdk-sandbox.licenses.md');
    for (const name of ['qiniu-js', 'hash-wasm', 'spark-md5', '@noble/hashes', 'querystring']) {
      const text = sandbox.split(`## ${name} - `)[1]?.split('\n## ')[0] ?? '';
      assert.match(text, /Permission is hereby granted|DO WHAT THE FUCK YOU WANT TO/, name);
    }
    assert.match(
      await read('sdk-sandbox.js'),
      /^\/\*! Contains [^*]*qiniu-js[^*]*Licences: sdk-sandbox\.licenses\.md \*\//,
    );
    assert.match(await read('qiniu-uploader.bundle.js'), /^\/\*! Contains [^*]*lit[^*]*\*\//);
  });

  test('is served by the copied demo server once it is installed there', async () => {
    const installed = join(server, 'node_modules', 'qiniu-uploader');
    await mkdir(installed, { recursive: true });
    await run('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);
    const [output, child] = await start(server, { DATA_FOLDER: join(home, 'data') });
    try {
      assert.doesNotMatch(output, /not built/);
      const answer = await fetch(`${originIn(output)}/qiniu-uploader/qiniu-uploader.bundle.js`);
      assert.match(answer.headers.get('content-type') ?? '', /javascript/);
      assert.equal(answer.status, 200);
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('npm start builds nothing where the build tools are not installed', async () => {
    const { scripts } = await readManifest(clone);
    assert.match(
      scripts['start'] ?? '',
      /^node scripts\/build-element\.js && node --import tsx demo-server\/main\.ts$/,
    );
    await rm(join(clone, 'node_modules'));
    await rm(join(clone, 'dist'), { recursive: true });
    await run(process.execPath, ['scripts/build-element.js'], { cwd: clone });
    assert.ok(!(await readdir(clone)).includes('dist'));
  });
});
