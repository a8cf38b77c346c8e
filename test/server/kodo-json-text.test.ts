import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memberOf } from '../../demo-server/kodo/src/text/json-text.js';

const cases: readonly [string, string | undefined][] = [
  ['{"a":1.10}', '1.10'],
  ['{"b":{"a":1},"a" :\n 12345678901234567890 }', '12345678901234567890'],
  ['{"a":"}\\",中","b":2}', '"}\\",中"'],
  ['{"a":[ {"a":3}, [] ],"b":2}', '[ {"a":3}, [] ]'],
  ['{"\\u0061":null}', 'null'],
  ['{"a":1,"a":{ }}', '{ }'],
  ['{"b":"a"}', undefined],
  ['{"b":["a",1]}', undefined],
  ['{}', undefined],
];
for (const [json, text] of cases) {
  test(`the member a of ${json} is ${text ?? 'not there'}`, () => {
    assert.equal(memberOf(Buffer.from(json), 'a')?.toString(), text);
  });
}
