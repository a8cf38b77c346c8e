import type { UploadGrant } from './token-grant.js';

/** Every field of https://developer.qiniu.com/kodo/1206/put-policy; Kodo ignores others in silence. */
const KNOWN_FIELDS = new Set(
  (
    'scope isPrefixalScope deadline insertOnly endUser returnUrl returnBody callbackUrl callbackHost callbackBody ' +
    'callbackBodyType callbackFetchKey persistentOps persistentNotifyUrl persistentPipeline persistentType ' +
    'persistentWorkflowTemplateID forceSaveKey saveKey fsizeMin fsizeLimit detectMime mimeLimit fileType ' +
    'deleteAfterDays trafficLimit keylimit asyncOps transform transformFallbackMode transformFallbackKey'
  ).split(' '),
);

/** Year 5138: a deadline beyond it was meant in milliseconds. */
const SECONDS_AT_MOST = 1e11;

/** Mistakes in a token that Kodo would not name, or only after the last byte; in words for a developer. */
export function findPolicyMistakes({ policy, key, lifetime }: UploadGrant): readonly string[] {
  const { deadline, scopeKey, isPrefixalScope, forceSaveKey, bucket } = policy;
  const unknown = policy.fields.filter((field) => !KNOWN_FIELDS.has(field));
  const isOutside =
    key !== undefined &&
    scopeKey !== undefined &&
    !forceSaveKey &&
    (isPrefixalScope ? !key.startsWith(scopeKey) : key !== scopeKey);
  const mistakes: readonly (readonly [boolean, string])[] = [
    [deadline === undefined, 'The put policy has no deadline. It must be a Unix time in seconds.'],
    [
      deadline !== undefined && deadline > SECONDS_AT_MOST,
      "The put policy's deadline is in milliseconds. It must be in seconds: such a token would be good for ages.",
    ],
    [lifetime <= 0, "The upload token had expired when it arrived. Check the deadline and the server's clock."],
    [isOutside, `The key lies outside the put policy's scope, "${bucket}:${scopeKey ?? ''}". Kodo will answer 403.`],
    [
      policy.callbackUrl !== undefined && policy.returnBody !== undefined,
      'The put policy has both callbackUrl and returnBody. Kodo ignores returnBody then.',
    ],
    [
      policy.callbackUrl !== undefined && !policy.fields.includes('callbackBody'),
      'The put policy has callbackUrl without callbackBody. Kodo refuses it.',
    ],
    [unknown.length > 0, `The put policy has fields that Kodo does not know, and ignores: ${unknown.join(', ')}.`],
  ];
  return mistakes.flatMap(([isMade, text]) => (isMade ? [text] : []));
}
