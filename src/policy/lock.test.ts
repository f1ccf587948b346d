import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Application, type Json, listAt, type Project, stringAt } from '../model/index.ts';
import { type LockSetting, lockedBy, lockModeOf, lockObjects } from './lock.ts';

const setting: LockSetting = {
  installation: 'argocd',
  tracking: { trackingMethod: 'annotation', instanceLabelKey: 'app.kubernetes.io/instance' },
  engine: ["it's-me"],
};
const project = (annotations: Readonly<Record<string, string>>) => ({ name: 'p', annotations }) as unknown as Project;
const app = {
  trackingName: 'shop',
  sources: [{ repoURL: 'https://ann:secret@git.example/shop.git', path: 'deploy', targetRevision: 'main' }],
  report: { sync: { revisions: ['1a2b3c4d'.repeat(5)] } },
} as unknown as Application;

test('a project says how it is locked; what is not understood locks nothing', () => {
  const modes = ['deny', ' Warn ', 'off', 'yes', undefined].map((value) =>
    lockModeOf(project(value === undefined ? {} : { 'plumbline.dev/lock': value })),
  );
  assert.deepEqual(modes, ['deny', 'warn', 'off', 'off', 'off']);
});

test('the place of a change is told without secrets', () => {
  const locked = lockedBy(
    app,
    project({ 'plumbline.dev/lock': 'deny', 'plumbline.dev/lock-exempt': "bob, o'neil, a b,ops:*" }),
  );
  assert.equal(locked?.place, 'https://git.example/shop.git, path deploy, at main (now 1a2b3c4)');
  assert.deepEqual(locked?.exempt, ['bob', 'ops:*'], 'names that could end a text are left out');
});

test('one parameter for each mode, one policy for all; nothing where nothing is locked', () => {
  assert.deepEqual(lockObjects(setting, []), []);
  const one = { tracking: 'shop', place: 'there', exempt: ['bob'], breakGlass: 'glass' };
  const objects = lockObjects(setting, [
    { ...one, mode: 'deny' },
    { ...one, tracking: 'team_web', mode: 'warn' },
  ]);
  assert.deepEqual(
    objects.map((object) => `${object.kind} ${stringAt(object.metadata, 'name')}`),
    [
      'ConfigMap plumbline-lock-argocd-deny',
      'ConfigMap plumbline-lock-argocd-warn',
      'ValidatingAdmissionPolicy plumbline-lock-argocd',
      'ValidatingAdmissionPolicyBinding plumbline-lock-argocd-deny',
      'ValidatingAdmissionPolicyBinding plumbline-lock-argocd-warn',
    ],
  );
  assert.deepEqual(objects[0]?.data, { shop: 'there\nbob\nglass' });
  const conditions = listAt(objects[2] as Json, 'spec', 'matchConditions');
  assert.match(stringAt(conditions[1], 'expression') ?? '', /'it\\'s-me'/, 'names are quoted');
});

test('tracking by label is looked up by the label', () => {
  const byLabel = { ...setting, tracking: { ...setting.tracking, trackingMethod: 'label' as const } };
  const name = 'x'.repeat(80);
  const [parameters, policy] = lockObjects(byLabel, [
    { tracking: name, mode: 'deny', place: 'p', exempt: [], breakGlass: 'g' },
  ]);
  assert.deepEqual(Object.keys(parameters?.data as object), [name.slice(0, 63)]);
  const [tracked] = listAt(policy as Json, 'spec', 'matchConditions');
  assert.match(stringAt(tracked, 'expression') ?? '', /metadata\.labels/);
});
