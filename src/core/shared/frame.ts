/** Longest wait for a frame in milliseconds: a hidden tab draws none, and its uploads go on. */
const LONGEST_WAIT = 100;

/** Calls back with the browser's next frame, or soon where no frames are drawn. */
export function onNextFrame(callback: () => void): void {
  let called = false;
  const once = (): void => {
    if (called) return;
    called = true;
    clearTimeout(timeoutId);
    callback();
  };
  const timeoutId = setTimeout(once, 'requestAnimationFrame' in globalThis ? LONGEST_WAIT : 16);
  if ('requestAnimationFrame' in globalThis) requestAnimationFrame(once);
}
