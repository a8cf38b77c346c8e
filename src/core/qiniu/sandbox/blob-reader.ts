/**
 * Stands in for `FileReader` in the sandbox, as far as qiniu-js uses it: one `readAsArrayBuffer`, `onload`, `onerror`.
 *
 * It does not read where nothing is computed from the bytes: qiniu-js reads every part for its MD5 before it sends it.
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

/** @param needed whether anything is computed from the bytes; qiniu-js reads every part also when its hash is left out */
export function needBytes(needed: boolean): void {
  isNeeded = needed;
}

/** Puts the stand-in in place of the browser's. */
export function replaceFileReader(): void {
  Object.defineProperty(self, 'FileReader', { value: BlobReader, configurable: true });
}
