import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** Step, function and file of each row. */
function stepsIn(page: string): readonly (readonly [string, string, string])[] {
  return [...read(page).matchAll(/^\| (\d+) +\| `(#?\w+)` +\| `([\w./-]+)` +\|/gm)].map(
    ([, step = '', name = '', file = '']) => [step, name, file] as const,
  );
}

describe('the paths in ARCHITECTURE.md', () => {
  const steps = stepsIn('ARCHITECTURE.md');

  test('have at most 40 steps each', () => {
    assert.ok(steps.length > 40);
    assert.ok(steps.every(([step]) => Number(step) <= 40));
  });

  test('are the same in Chinese', () => {
    assert.deepEqual(stepsIn('ARCHITECTURE.zh-CN.md'), steps);
  });

  for (const [, name, file] of steps) {
    test(`${name} is in ${file}`, () => {
      assert.match(read(file), new RegExp(`(^|[^\\w.])${name}\\b *[<(:=]|(class|function) ${name}\\b`, 'm'));
    });
  }
});
