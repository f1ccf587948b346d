import { applicationText } from './application.ts';
import { type Files, scalar } from './names.ts';

/** What a new repository is made of. */
export type RepositoryPlan = {
  readonly name: string;
  readonly repoURL: string;
  readonly revision: string;
  readonly environments: readonly string[];
  /** Namespace of the Applications. */
  readonly control: string;
};

/** Where `plumb new service` finds out about a repository. */
export const rootFile = 'root.yaml';
export const projectsFile = 'applications/projects.yaml';

/** The files of a GitOps repository: one root, a project for each environment, and how to work with it. */
export function repositoryFiles(plan: RepositoryPlan): Files {
  const { name, repoURL, revision, control } = plan;
  const about = 'The one resource that is applied by hand: it brings everything below applications/.';
  const root = { name, project: 'default', repoURL, revision, path: 'applications', namespace: control, control };
  return new Map([
    [rootFile, applicationText({ ...root, recurse: true, about })],
    [projectsFile, plan.environments.map((environment) => projectText(plan, environment)).join('---\n')],
    ['README.md', readme(plan)],
    ['.github/workflows/deliver.yaml', workflow(plan)],
  ]);
}

function projectText({ repoURL, control }: RepositoryPlan, environment: string): string {
  return `# What applications of ${environment} may do: this repository, into the namespace ${environment}, nothing else.
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata:
  name: ${environment}
  namespace: ${control}
  annotations:
    plumbline.dev/environment: ${environment}
spec:
  sourceRepos:
    - ${scalar(repoURL)}
  destinations:
    - server: https://kubernetes.default.svc
      namespace: ${environment}
  clusterResourceWhitelist:
    - group: ""
      kind: Namespace
`;
}

function readme({ name, environments, revision }: RepositoryPlan): string {
  const rows = environments.map(
    (environment) => `applications/${environment}/        the Applications of ${environment}`,
  );
  return `# ${name}

What runs where. A commit on \`${revision}\` is a change; there is no other way to make one.

\`\`\`
root.yaml                    applied once; brings everything below applications/
applications/projects.yaml   what each environment may do
${rows.join('\n')}
services/NAME/workload.yaml  a service: image, port, size, health
services/NAME/workload.ENVIRONMENT.yaml   what is different there
\`\`\`

| to | do |
|---|---|
| start | \`kubectl apply -f root.yaml\`, once |
| add a service | \`plumb new service NAME\` |
| see what a change comes to | \`plumb render services/NAME --environment ${environments[0] ?? 'staging'}\` |
| release | change \`image\` in \`services/NAME/workload.ENVIRONMENT.yaml\`, commit, push |
| wait until it is live | \`plumb wait --commit HEAD\` |
| undo | \`git revert\`, push |
`;
}

// Without expressions of the CI besides its own: nothing of a pull request is ever run.
function workflow({ revision }: RepositoryPlan): string {
  return `# The runner has \`plumb\` on its PATH; for the second job also a kubeconfig that may read Applications.
name: deliver
on:
  pull_request:
  push:
    branches: [${revision}]
permissions:
  contents: read
jobs:
  render:
    runs-on: self-hosted
    steps:
      - uses: actions/checkout@v4
      - name: Every application renders
        run: |
          find applications -mindepth 2 -name '*.yaml' | while read -r file; do
            plumb render --app "$file" --local . --output name || exit 1
          done
  live:
    if: github.event_name == 'push'
    runs-on: self-hosted
    steps:
      - name: Until the commit is live everywhere
        run: plumb wait --commit "$GITHUB_SHA" --timeout 10m
`;
}
