import { HELP, readCommandLine, UsageError, type CommandLine } from './command-line.js';
import { startKodo } from './start-kodo.js';

async function run({ options, log }: CommandLine): Promise<void> {
  const kodo = await startKodo({
    ...options,
    onWarning: (text) => console.warn(text),
    onRequest: ({ method, path, kind }) => (log ? console.log(`${kind} ${method} ${path}`) : undefined),
  });
  console.log(`Local Kodo: ${kodo.origin}`);
  for (const region of options.regions ?? []) console.log(`  ${region}: ${kodo.upHost(region)}`);
  for (const { name } of options.buckets ?? []) console.log(`  bucket ${name}: ${kodo.domain(name)}`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void kodo.close());
}

try {
  const commandLine = readCommandLine(process.argv.slice(2));
  if (commandLine.help) console.log(HELP);
  else await run(commandLine);
} catch (error) {
  const isExpected = error instanceof UsageError || (error as NodeJS.ErrnoException).syscall === 'listen';
  if (!isExpected) throw error;
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
