import { ConfigError, readEnvironment } from './setup/config.js';
import { ELEMENT_MISSING } from './setup/element-folder.js';
import { startDemo } from './start-demo.js';

/** The command-line entry point: the only code that reads the environment and prints to the console. */
async function main(): Promise<void> {
  const environment = readEnvironment(process.env);
  const demo = await startDemo(environment);
  console.log(`Demo page:  ${demo.origin}/`);
  if (demo.kodo !== undefined) console.log(`Local Kodo: ${demo.kodo.origin}`);
  else if (environment.publicUrl === undefined) {
    console.log(
      'PUBLIC_URL is not set, so Qiniu cannot reach the callback route: tokens are issued with returnBody, ' +
        'and this server records no uploads.',
    );
  }
  if (!demo.hasElement) console.log(ELEMENT_MISSING);
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(1); // a second signal exits immediately
      stopping = true;
      demo.close().catch((error: unknown) => {
        console.error(error instanceof Error ? error.message : error);
        process.exit(1);
      });
    });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
});
