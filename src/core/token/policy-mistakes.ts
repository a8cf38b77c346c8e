import type { UploadGrant } from './token-grant.js';

/** Every field of https://developer.qiniu.com/kodo/1206/put-policy; Kodo silently ignores others. */
const KNOWN_FIELDS = new Set(
  (
    'scope isPrefixalScope deadline insertOnly endUser returnUrl returnBody callbackUrl callbackHost callbackBody ' +
    'callbackBodyType callbackFetchKey persistentOps persistentNotifyUrl persistentPipeline persistentType ' +
    'persistentWorkflowTemplateID forceSaveKey saveKey fsizeMin fsizeLimit detectMime mimeLimit fileType ' +
    'deleteAfterDays trafficLimit keylimit asyncOps transform transformFallbackMode transformFallbackKey'
  ).split(' '),
);

/** Unix time of the year 5138: a later deadline must be in milliseconds. */
const MAX_DEADLINE = 1e11;

/** Returns warnings for developers about mistakes that Kodo does not report, or only after the last byte. */
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
      deadline !== undefined && deadline > MAX_DEADLINE,
      "The put policy's deadline is in milliseconds. It must be in seconds: such a token practically never expires.",
    ],
    [lifetime <= 0, "The upload token had expired when it arrived. Check the deadline and the server's clock."],
    [isOutside, `The key is outside the put policy's scope "${bucket}:${scopeKey ?? ''}". Kodo will return 403.`],
    [
      policy.callbackUrl !== undefined && policy.returnBody !== undefined,
      'The put policy has both callbackUrl and returnBody. Kodo ignores returnBody in this case.',
    ],
    [
      policy.callbackUrl !== undefined && !policy.fields.includes('callbackBody'),
      'The put policy has callbackUrl without callbackBody. Kodo rejects it.',
    ],
    [unknown.length > 0, `The put policy has unknown fields, which Kodo ignores: ${unknown.join(', ')}.`],
  ];
  return mistakes.flatMap(([isMade, text]) => (isMade ? [text] : []));
}
