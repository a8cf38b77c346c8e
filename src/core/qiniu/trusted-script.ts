/** Not in TypeScript's library: https://w3c.github.io/trusted-types/dist/spec/ */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): {
    createScriptURL(url: string): unknown;
  };
}

/** The name that a content security policy has to allow: `trusted-types qiniu-uploader`. */
export const POLICY_NAME = 'qiniu-uploader';

/** Addresses that this package makes scripts of; the policy accepts no others. */
const allowed = new Set<string>();

let policy: ReturnType<TrustedTypes['createPolicy']> | undefined;
let isRefused = false;

/**
 * A script's address in the form that `Worker` and `script.src` accept where a page requires Trusted Types, else as it
 * is. Only for addresses of the package's own files.
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
    // The page lists the policies that it allows, and this one is not among them. The browser reports that itself.
    isRefused = true;
    return text;
  }
  allowed.add(text);
  return policy.createScriptURL(text) as string;
}

/** Whether an error says that the page requires Trusted Types. */
export function isTrustedTypesError(error: unknown): boolean {
  return error instanceof TypeError && /Trusted(Script|Type)/.test(error.message);
}
