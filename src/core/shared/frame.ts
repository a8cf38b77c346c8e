/** Maximum wait for a frame in milliseconds: a hidden tab renders none, but its uploads continue. */
const LONGEST_WAIT = 100;

/** Calls `callback` in the next animation frame, or after a short delay if no frame is rendered. */
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
