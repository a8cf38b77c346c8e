/** Timeout in milliseconds. A busy machine can take seconds for something that normally takes one frame. */
const TIMEOUT = 15_000;

/** Polls until the condition holds. @throws {Error} on timeout */
export async function waitUntil(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + TIMEOUT;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`Timed out after ${TIMEOUT} ms: ${String(condition)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
