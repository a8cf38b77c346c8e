/**
 * Replaces `FileReader` in the sandbox with the subset used by qiniu-js: one `readAsArrayBuffer`, `onload`, `onerror`.
 *
 * Skips reading if the bytes are not needed: qiniu-js reads every part to compute its MD5 before sending it.
 */
class BlobReader {
  onload: ((event: { readonly target: { readonly result: ArrayBuffer } }) => void) | undefined;
  onerror: (() => void) | undefined;

  readAsArrayBuffer(blob: Blob): void {
    const reading = isNeeded ? blob.arrayBuffer() : Promise.resolve(new ArrayBuffer(0));
    reading.then(
      (result) => this.onload?.({ target: { result } }),
      () => this.onerror?.(),
    );
  }
}

let isNeeded = true;

/** Sets whether to read bytes: qiniu-js reads every part even if its hash is not computed. */
export function needBytes(needed: boolean): void {
  isNeeded = needed;
}

/** Replaces the browser's `FileReader`. */
export function replaceFileReader(): void {
  Object.defineProperty(self, 'FileReader', { value: BlobReader, configurable: true });
}
