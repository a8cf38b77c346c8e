/** Not in TypeScript's library: https://w3c.github.io/trusted-types/dist/spec/ */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): {
    createScriptURL(url: string): unknown;
  };
}

/** The name that a content security policy must allow: `trusted-types qiniu-uploader`. */
export const POLICY_NAME = 'qiniu-uploader';

/** Script URLs of this package; the policy rejects others. */
const allowed = new Set<string>();

let policy: ReturnType<TrustedTypes['createPolicy']> | undefined;
let isRefused = false;

/**
 * Converts a script URL to a `TrustedScriptURL` if the browser supports Trusted Types, else returns it as a string. Use
 * it only for URLs of the package's own files.
 */
export function trustedScriptUrl(url: URL | string): string {
  const text = String(url);
  const { trustedTypes } = globalThis as { readonly trustedTypes?: TrustedTypes };
  if (trustedTypes === undefined || isRefused) return text;
  try {
    policy ??= trustedTypes.createPolicy(POLICY_NAME, {
      createScriptURL(given) {
        if (allowed.has(given)) return given;
        throw new TypeError(`The policy ${POLICY_NAME} does not cover ${given}.`);
      },
    });
  } catch {
    // The page's list of allowed policies does not include this one; the browser reports that.
    isRefused = true;
    return text;
  }
  allowed.add(text);
  return policy.createScriptURL(text) as string;
}

/** Whether an error means that the page requires Trusted Types. */
export function isTrustedTypesError(error: unknown): boolean {
  return error instanceof TypeError && /Trusted(Script|Type)/.test(error.message);
}
