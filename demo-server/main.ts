import { ConfigError, readEnvironment } from './setup/config.js';
import { HOW_TO_GET_ELEMENT } from './setup/element-folder.js';
import { startDemo } from './start-demo.js';

/** The only place that reads the environment and prints. */
async function main(): Promise<void> {
  const environment = readEnvironment(process.env);
  const demo = await startDemo(environment);
  console.log(`Demo page:  ${demo.origin}/`);
  if (demo.kodo !== undefined) console.log(`Local Kodo: ${demo.kodo.origin}`);
  else if (environment.publicUrl === undefined) {
    console.log(
      'PUBLIC_URL is not set, so Qiniu could not reach the callback: tokens are issued with returnBody, ' +
        'and this server records nothing.',
    );
  }
  if (!demo.hasElement) console.log(HOW_TO_GET_ELEMENT);
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(1); // asked twice: at once
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
