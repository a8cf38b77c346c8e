/** Milliseconds after which something will not come any more; a busy machine takes seconds for what takes a frame. */
const PATIENCE = 15_000;

/** Resolves when the condition holds, which is looked at again and again. @throws {Error} when it never does */
export async function waitUntil(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`It did not happen in ${PATIENCE} ms: ${String(condition)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
