// Whole command lines against a fake Operator: what is asked of it, what is written, and the exit code.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FakeOptions, fakeContext } from '../../test/doubles/fake-context.ts';
import { sampleDetail, shaA } from '../../test/doubles/sample-applications.ts';
import type { ApplicationDiff } from '../contract/index.ts';
import { EngineError } from '../model/index.ts';
import { runCli } from './run.ts';

type Case = {
  readonly line: string;
  readonly reason: string;
  readonly options?: FakeOptions;
  readonly code?: number;
  readonly out?: string | RegExp;
  readonly err?: string | RegExp;
  readonly calls?: readonly (string | RegExp)[];
};

const esc = '\u001b';
const diff: ApplicationDiff = {
  key: 'argocd/guestbook',
  revisions: [shaA],
  holds: [],
  differs: true,
  changes: [
    {
      ref: { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'web', name: 'frontend' },
      kind: 'update',
      origin: 'apps/deploy.yaml:12',
      fields: [
        { path: '/spec/replicas', live: '3', desired: '2', owner: 'kubectl-scale', since: '2026-03-01T11:50:00Z' },
        { path: '/metadata/annotations/a.b~1c', desired: '"x"' },
      ],
    },
    {
      ref: { group: '', version: 'v1', kind: 'Service', namespace: 'web', name: 'old' },
      kind: 'prune',
      origin: '',
      fields: [],
    },
  ],
};

const cases: readonly Case[] = [
  {
    line: 'app list',
    reason: 'columns without signs where a program reads',
    out: [
      'NAME       PROJECT   SYNC       HEALTH       REVISION  SINCE  SOURCE                                      DESTINATION',
      'guestbook  default   Synced     Healthy      1a2b3c4   5m     github.com/acme/deploy apps/guestbook@main  in-cluster/web',
      'shop       team-web  OutOfSync  Progressing  1a2b3c4   10s    github.com/acme/deploy apps/shop@main       in-cluster/web',
      'billing    default   Unknown    Degraded               5m     github.com/acme/deploy apps/billing@main    in-cluster/web',
      '',
    ].join('\n'),
    calls: ['listApplications {"namespace":"argocd"}'],
  },
  {
    line: 'app list',
    reason: 'signs and a summary on a terminal, cut to its width',
    options: { terminal: true, columns: 90 },
    out: /✓ Synced {5}✓ Healthy[\s\S]*● OutOfSync {2}◐ Progressing[\s\S]*…[\s\S]*3 applications: 1 converged, 1 out of sync, 1 degraded/,
  },
  {
    line: 'app list',
    reason: 'ASCII where the terminal may not show more',
    options: { terminal: true, env: { NO_COLOR: '1', LANG: 'C' } },
    out: /\+ Synced[\s\S]*\* OutOfSync {2}~ Progressing[\s\S]*\? Unknown {4}x Degraded/,
  },
  {
    line: 'app list',
    reason: 'colours on a terminal',
    options: { terminal: true, env: { LANG: 'C.UTF-8' } },
    out: new RegExp(`${esc}\\[32m✓ Synced${esc}\\[0m`),
  },
  {
    line: 'app list --no-color',
    reason: 'none when not wanted',
    options: { terminal: true, env: {} },
    out: new RegExp(`^[^${esc}]*$`),
  },
  {
    line: 'app list -A -o name',
    reason: 'names',
    out: 'argocd/guestbook\nargocd/shop\nargocd/billing\n',
    calls: ['listApplications {}'],
  },
  {
    line: 'app list -l team=web --sync OutOfSync,Unknown -p x',
    reason: 'filters go to the operator',
    calls: [
      'listApplications {"namespace":"argocd","selector":"team=web","projects":["x"],"sync":["OutOfSync","Unknown"]}',
    ],
  },
  { line: 'app list', reason: 'nothing there', options: { details: [] }, out: '', err: 'No applications found.\n' },
  {
    line: 'app list -o json',
    reason: 'resources for a program',
    options: { answers: { listResources: async () => [{ kind: 'Application' }] } },
    out: '[\n  {\n    "kind": "Application"\n  }\n]\n',
  },
  {
    line: 'app get shop',
    reason: 'what every object waits for',
    out: /Service +web +frontend +OutOfSync +Healthy +waits-for-health: Deployment web\/frontend is progressing/,
  },
  {
    line: 'app get shop',
    reason: 'what would be pruned',
    out: /ConfigMap +web +old +OutOfSync +Healthy +is no longer in Git/,
  },
  { line: 'app get billing', reason: 'conditions', out: /Conditions\n {2}ComparisonError 3h ago\n {4}path-not-found/ },
  {
    line: 'app get nope',
    reason: 'a name that does not exist',
    code: 2,
    err: /^error \[not-found\]: no such application: argocd\/nope\n {2}hint: /,
  },
  { line: 'app get team/x', reason: 'a namespace in the name', code: 2, calls: ['getApplication "team/x"'] },
  {
    line: 'app get A_b',
    reason: 'not a name',
    code: 2,
    err: /^error \[usage\]: not the name of an application: A_b\n {2}hint: form/,
  },
  {
    line: 'app lst',
    reason: 'a mistyped command',
    code: 2,
    err: 'error [usage]: unknown command: plumb app lst\n  hint: did you mean: plumb app list\n',
  },
  { line: '', reason: 'help for nothing', code: 0, out: /^plumb: Git is the truth/ },
  { line: 'app', reason: 'too little is an error, with help', code: 2, out: '', err: /^Look at applications/ },
  { line: 'help app sync', reason: 'help by words', out: /Usage\n {2}plumb app sync \[APP\.\.\.\] \[flags\]/ },
  {
    line: 'app diff guestbook',
    reason: 'fields, owners, and exit code 1',
    options: { answers: { diff: async () => diff } },
    code: 1,
    out: [
      '~ Deployment web/frontend (apps/v1)  apps/deploy.yaml:12',
      '    spec.replicas                  3 → 2  by kubectl-scale 10m ago',
      '    metadata.annotations["a.b/c"]  (none) → "x"',
      '- Service web/old (v1)  is no longer wanted',
      '',
      '2 objects differ: 1 to update, 1 to prune. At 1a2b3c4.',
      '',
    ].join('\n'),
  },
  {
    line: 'app diff guestbook -o name --revision v1',
    reason: 'names, at a revision',
    options: { answers: { diff: async () => diff } },
    code: 1,
    out: 'Deployment.apps/web/frontend\nService/web/old\n',
    calls: ['diff "argocd/guestbook" {"revisions":["v1"]}'],
  },
  {
    line: 'app diff guestbook',
    reason: 'no differences is 0',
    options: { answers: { diff: async () => ({ ...diff, differs: false, changes: [] }) } },
    code: 0,
    out: 'No differences. At 1a2b3c4.\n',
  },
  {
    line: 'app refresh nope',
    reason: 'errors are one line with a code',
    options: { answers: { refresh: async () => Promise.reject(new EngineError('cluster-unreachable', 'no\nanswer')) } },
    code: 2,
    err: /^error \[cluster-unreachable\]: no answer\n {2}hint: is the cluster up/,
  },
  {
    line: 'app get guestbook',
    reason: 'a message from outside cannot move the cursor or forge a line',
    options: {
      details: [sampleDetail({ health: { status: 'Degraded', message: 'x\u001b[2J\r\nSynced \u202eevil' } })],
    },
    out: /Health {7}x\[2J Synced evil\n/,
  },
  {
    line: 'app unpin guestbook',
    reason: 'a pin is lifted',
    options: { answers: { unpin: async () => true } },
    out: 'argocd/guestbook: unpinned, follows Git again\n',
  },
  {
    line: 'app delete guestbook',
    reason: 'deletion is confirmed',
    options: { input: 'n\n' },
    code: 2,
    err: /Delete argocd\/guestbook \(and 2 objects\)\? \[y\/N\] error \[usage\]/,
  },
  {
    line: 'app delete guestbook --cascade none -y --no-wait',
    reason: 'or said to be meant',
    options: { answers: { deleteApplication: async () => {} } },
    out: 'argocd/guestbook: is being deleted\n',
    calls: ['getApplication "argocd/guestbook"', 'deleteApplication "argocd/guestbook" {"cascade":"none"}'],
  },
  {
    line: 'app sync guestbook --revision v2 --prune --resource Deployment.apps/frontend --async',
    reason: 'what is asked of the operator',
    options: { answers: { sync: async () => ({ request: 'r1' }) } },
    out: 'argocd/guestbook: sync requested\n',
    calls: [
      'sync "argocd/guestbook" {"by":"ada","revisions":["v2"],"prune":true,"only":[{"group":"apps","kind":"Deployment","namespace":"","name":"frontend"}]}',
    ],
  },
  { line: 'app sync', reason: 'a name is needed', code: 2, err: /missing APP: plumb app sync/ },
  {
    line: 'app sync x --resource nonsense',
    reason: 'not an object',
    code: 2,
    err: /not the name of an object: nonsense/,
  },
  {
    line: 'app wait guestbook',
    reason: 'there already',
    code: 0,
    out: /argocd\/guestbook +Synced +Healthy[\s\S]*1 application converged after/,
  },
  {
    line: 'app create web --repo https://example.org/r.git --path web --dest-namespace web --auto --self-heal --create-namespace --helm-set a=b --dry-run',
    reason: 'a resource of flags',
    out: [
      'apiVersion: argoproj.io/v1alpha1',
      'kind: Application',
      'metadata:',
      '  name: web',
      '  namespace: argocd',
      'spec:',
      '  project: default',
      '  source:',
      '    repoURL: https://example.org/r.git',
      '    path: web',
      '    targetRevision: HEAD',
      '    helm:',
      '      parameters:',
      '      - name: a',
      '        value: b',
      '  destination:',
      '    server: https://kubernetes.default.svc',
      '    namespace: web',
      '  syncPolicy:',
      '    automated:',
      '      selfHeal: true',
      '    syncOptions:',
      '    - CreateNamespace=true',
      '',
    ].join('\n'),
    calls: [],
  },
  {
    line: 'app create -f apps.yaml -n team',
    reason: 'resources of a file, placed in the namespace',
    options: {
      files: {
        '/home/ada/deploy/apps.yaml':
          'kind: Application\nmetadata: {name: a}\n---\nkind: ConfigMap\nmetadata: {name: b}\n',
      },
      answers: { createApplication: async () => sampleDetail({ name: 'a', namespace: 'team' }) },
    },
    out: 'team/a: created\n',
    calls: ['createApplication {"kind":"Application","metadata":{"name":"a","namespace":"team"}} {"upsert":false}'],
  },
  { line: 'version', reason: 'the version', out: 'plumb 0.1.0 (node v24)\n' },
  { line: 'completion bash', reason: 'a script', out: /complete -F _plumb plumb/ },
  { line: '__complete -- app li', reason: 'commands complete', out: 'list\tList applications\n:words\n' },
  { line: '__complete -- app get g', reason: 'applications complete', out: 'guestbook\tSynced, Healthy\n:words\n' },
  { line: '__complete -- app list --sync = O', reason: 'also where bash has cut', out: 'OutOfSync\t\n:words\n' },
  { line: '__complete -- app list --sync O', reason: 'choices complete', out: 'OutOfSync\t\n:words\n' },
  { line: "__complete -- render ''", reason: 'places are left to the shell', out: ':directories\n' },
  { line: '__complete -- app create --file x', reason: 'so are files', out: ':files\n' },
];

for (const one of cases) {
  test(`${one.line}: ${one.reason}`, async () => {
    const fake = fakeContext(one.options);
    const code = await runCli(words(one.line), fake.context);
    assert.equal(code, one.code ?? 0, fake.err());
    check(fake.out(), one.out, 'out');
    check(fake.err(), one.err, 'err');
    if (one.calls !== undefined) assert.deepEqual(fake.calls, one.calls);
  });
}

/** Words between blanks; '' is an empty one. */
function words(line: string): string[] {
  return line
    .split(' ')
    .filter(Boolean)
    .map((word) => (word === "''" ? '' : word));
}

function check(text: string, wanted: string | RegExp | undefined, where: string): void {
  if (wanted instanceof RegExp) assert.match(text, wanted, where);
  else if (wanted !== undefined) assert.equal(text, wanted, where);
}
