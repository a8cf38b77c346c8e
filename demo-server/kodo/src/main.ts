import { HELP, readCommandLine, type CommandLine } from './command-line.js';
import { readJudgeCommand, runJudge } from './judge-command.js';
import { startKodo, type Kodo } from './start-kodo.js';
import { UsageError } from './usage-error.js';

async function serve(args: readonly string[]): Promise<void> {
  const commandLine = readCommandLine(args);
  if (commandLine.help) console.log(HELP);
  else await run(commandLine);
}

async function run({ options, log }: CommandLine): Promise<void> {
  const kodo = await startKodo({
    ...options,
    onWarning: (text) => console.warn(text),
    onRequest: ({ method, path, kind }) => (log ? console.log(`${kind} ${method} ${path}`) : undefined),
  });
  console.log(`Local Kodo: ${kodo.origin}`);
  // The user already knows keys passed on the command line; random ones must be printed.
  if (options.accessKey === undefined) console.log(`  access key: ${kodo.accessKey}`);
  if (options.secretKey === undefined) console.log(`  secret key: ${kodo.secretKey}`);
  if (kodo.accelerationHost !== undefined) console.log(`  acceleration host: ${kodo.accelerationHost}`);
  for (const region of options.regions ?? []) console.log(`  ${region}: ${kodo.upHost(region)}`);
  for (const { name } of options.buckets ?? []) console.log(`  bucket ${name}: ${kodo.domain(name)}`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end(kodo));
}

async function end(kodo: Kodo): Promise<void> {
  try {
    await kodo.close();
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1); // unfinished work would keep the process alive
  }
}

try {
  const [first, ...rest] = process.argv.slice(2);
  if (first === 'judge') process.exitCode = await runJudge(readJudgeCommand(rest, process.env));
  else await serve(process.argv.slice(2));
} catch (error) {
  const isExpected = error instanceof UsageError || (error as NodeJS.ErrnoException).syscall === 'listen';
  if (!isExpected) throw error;
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
