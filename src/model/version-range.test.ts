import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareVersions, parseVersion } from './version.ts';
import { highest, isRange, parseRange } from './version-range.ts';

test('ranges allow what Masterminds/semver allows', () => {
  const table: readonly [range: string, version: string, allowed: boolean, reason: string][] = [
    ['1.2.*', '1.2.7', true, 'a wildcard for the patch'],
    ['1.2.*', '1.3.0', false, 'a wildcard does not reach the minor'],
    ['1.2', '1.2.9', true, 'a short version leaves the patch open'],
    ['=1.2', '1.2.9', true, '= with a short version too'],
    ['1', '1.9.0', true, 'one number leaves minor and patch open'],
    ['*', '0.0.1', true, 'anything'],
    ['*', '1.0.0-rc.1', false, 'but no prerelease'],
    ['*-0', '1.0.0-rc.1', true, 'unless -0 asks for them'],
    ['>=1.2.3-0', '2.0.0-beta', true, 'prereleases of any version once one is named'],
    ['>=1.0.0-0 <2.0.0', '1.5.0-rc.1', true, 'named in one term, allowed in the whole group'],
    ['>=1.0.0 <2.0.0', '1.5.0-rc.1', false, 'named in none'],
    ['^1.2', '1.9.9', true, 'caret keeps the major'],
    ['^0.2.3', '0.2.9', true, 'caret below 1 keeps the minor'],
    ['^0.2.3', '0.3.0', false, 'caret below 1 keeps the minor'],
    ['^0.0.3', '0.0.4', false, 'caret below 0.1 keeps the patch'],
    ['~1.2.3', '1.2.9', true, 'tilde keeps the minor'],
    ['~1', '1.9.0', true, 'tilde with one number keeps the major'],
    ['~0.0.0', '7.0.0', true, 'the special case of Masterminds'],
    ['1.1 - 1.3', '1.3.9', true, 'hyphen: the end is left open too'],
    ['1.1.0 - 1.3.0', '1.3.1', false, 'hyphen: a full end is inclusive'],
    ['<1 || >=3, <4', '3.5.0', true, 'or, and a comma for and'],
    ['>=1.0.0 <1.1.0', '1.0.5', true, 'a space for and'],
    ['!=1.2.3', '1.2.4', true, 'not equal'],
    ['>1.2', '1.2.9', false, '>1.2 starts at 1.3'],
    ['<=1.2', '1.2.9', true, '<=1.2 includes its patches'],
    ['=>1.0.0', '1.0.0', true, 'operators may be turned round'],
    ['v1.x', 'v1.4.0', true, 'a v in front does not matter'],
  ];
  for (const [range, text, allowed, reason] of table) {
    const version = parseVersion(text);
    assert.ok(version !== undefined, reason);
    assert.equal(parseRange(range)?.allows(version), allowed, `${range} and ${text}: ${reason}`);
  }
});

test('what is a range, and what is not', () => {
  const table: readonly [text: string, is: boolean][] = [
    ['1.2.*', true],
    ['>= 1', true],
    ['= 0.5.3', true],
    ['*', true],
    ['1.2', false],
    ['v1.0.0', false],
    ['main', false],
    ['2024.03-LTS-RC19', false],
    ['feature/x', false],
    ['deadbeef', false],
    [`1.${'0'.repeat(600)}`, false],
  ];
  for (const [text, is] of table) assert.equal(isRange(text), is, text.slice(0, 40));
});

test('the highest is chosen, and what is no version is passed over', () => {
  const range = parseRange('<2');
  assert.ok(range !== undefined);
  assert.equal(highest(range, ['latest', 'v1.2.0', '1.10.0', 'v1.9.0', '2.0.0', '1.11.0-rc.1']), '1.10.0');
  assert.equal(highest(range, ['nothing']), undefined);
});

test('prereleases are ordered as semver says', () => {
  const order = [
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
  ];
  const versions = order.map(parseVersion);
  for (let i = 1; i < versions.length; i++) {
    const [a, b] = [versions[i - 1], versions[i]];
    assert.ok(a !== undefined && b !== undefined && compareVersions(a, b) < 0 && compareVersions(b, a) > 0, order[i]);
  }
});
