import { parseArgs } from 'node:util';
import { startKodo } from './start-kodo.js';

const HELP = `A local double of Qiniu Kodo's upload service.

  --port N                 port (default 9000)
  --host H                 address to listen on (default 127.0.0.1)
  --bucket NAME            a bucket; may be repeated (default demo)
  --access-key K           access key (default local-access-key)
  --secret-key K           secret key (default local-secret-key)
  --folder F               where objects are kept (default: a temporary folder)
  --callback-scheme S      QBox or Qiniu: how callbacks are signed (default QBox)
  --control                answer /_kodo/requests, /_kodo/objects and /_kodo/faults
  --help                   this text`;

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '9000' },
    host: { type: 'string', default: '127.0.0.1' },
    bucket: { type: 'string', multiple: true, default: ['demo'] },
    'access-key': { type: 'string' },
    'secret-key': { type: 'string' },
    folder: { type: 'string' },
    'callback-scheme': { type: 'string', default: 'QBox' },
    control: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(HELP);
} else {
  const scheme = values['callback-scheme'];
  if (scheme !== 'QBox' && scheme !== 'Qiniu') throw new Error('--callback-scheme must be QBox or Qiniu.');
  const { 'access-key': accessKey, 'secret-key': secretKey, folder } = values;
  const kodo = await startKodo({
    port: Number(values.port),
    host: values.host,
    buckets: values.bucket.map((name) => ({ name })),
    ...(accessKey === undefined ? {} : { accessKey }),
    ...(secretKey === undefined ? {} : { secretKey }),
    ...(folder === undefined ? {} : { folder }),
    callbackScheme: scheme,
    control: values.control,
    onWarning: (text) => console.warn(text),
  });
  console.log(`Local Kodo: ${kodo.origin}`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void kodo.close());
}
