import { applicationText } from './application.ts';
import { type Files, scalar } from './names.ts';

/** What a new service is. */
export type ServicePlan = {
  readonly name: string;
  readonly image: string;
  readonly port?: number;
  /** `example.com` makes `web.staging.example.com`, and `web.example.com` in the last environment. */
  readonly domain?: string;
  readonly health?: string;
  readonly size?: string;
  readonly replicas: number;
  readonly variables: readonly { readonly name: string; readonly value: string }[];
  readonly form: 'workload' | 'score';
  readonly environments: readonly string[];
  readonly repoURL: string;
  readonly revision: string;
  readonly control: string;
};

/** The files of a service: what it is, what differs in each environment, and its Applications. */
export function serviceFiles(plan: ServicePlan): Files {
  const { name, form, environments } = plan;
  const folder = `services/${name}`;
  const files = new Map([[`${folder}/${form}.yaml`, form === 'score' ? scoreText(plan) : workloadText(plan)]]);
  for (const [i, environment] of environments.entries()) {
    const last = i === environments.length - 1;
    const differs = form === 'score' ? scoreOverlay(plan, environment, last) : workloadOverlay(plan, environment, last);
    files.set(`${folder}/${form}.${environment}.yaml`, differs);
    files.set(`applications/${environment}/${name}.yaml`, applicationOf(plan, environment, folder));
  }
  return files;
}

function applicationOf(plan: ServicePlan, environment: string, path: string): string {
  const { name, repoURL, revision, control } = plan;
  const about = `${name} in ${environment}: ${path} with what is different there.`;
  const place = { project: environment, namespace: environment, environment, control };
  return applicationText({ name: `${name}-${environment}`, repoURL, revision, path, about, ...place });
}

function hostOf({ name, domain }: ServicePlan, environment: string, last: boolean): string | undefined {
  if (domain === undefined) return undefined;
  return last ? `${name}.${domain}` : `${name}.${environment}.${domain}`;
}

function workloadText(plan: ServicePlan): string {
  const { name, image, port, health, size, variables } = plan;
  return `${[
    `# What ${name} is, in every environment. All there is to say: docs/howto/workload.md of Plumbline.`,
    `name: ${name}`,
    `image: ${scalar(image)}`,
    ...(port === undefined ? [] : [`port: ${port}`]),
    ...(health === undefined ? [] : [`health: ${scalar(health)}`]),
    ...(size === undefined ? [] : [`size: ${size}`]),
    ...(variables.length === 0 ? [] : ['env:']),
    ...variables.map((one) => `  ${scalar(one.name)}: ${scalar(one.value)}`),
  ].join('\n')}\n`;
}

function workloadOverlay(plan: ServicePlan, environment: string, last: boolean): string {
  const host = hostOf(plan, environment, last);
  return `${[
    `# What is different in ${environment}; null takes a key away.`,
    `image: ${scalar(plan.image)}`,
    `replicas: ${last ? plan.replicas : 1}`,
    ...(host === undefined ? [] : [`host: ${host}`]),
  ].join('\n')}\n`;
}

function scoreText(plan: ServicePlan): string {
  const { name, image, port, health, size, variables, domain } = plan;
  const probe = ['      httpGet:', `        path: ${scalar(health ?? '/')}`, `        port: ${port ?? 80}`];
  return `${[
    `# What ${name} is, in every environment: a Score file (https://score.dev).`,
    'apiVersion: score.dev/v1b1',
    'metadata:',
    `  name: ${name}`,
    ...(size === undefined ? [] : ['  annotations:', `    plumbline.dev/size: ${size}`]),
    'containers:',
    `  ${name}:`,
    `    image: ${scalar(image)}`,
    ...(variables.length === 0 ? [] : ['    variables:']),
    ...variables.map((one) => `      ${scalar(one.name)}: ${scalar(one.value.replaceAll('$', '$$$$'))}`),
    ...(health === undefined ? [] : ['    livenessProbe:', ...probe, '    readinessProbe:', ...probe]),
    ...(port === undefined ? [] : ['service:', '  ports:', '    http:', '      port: 80', `      targetPort: ${port}`]),
    ...(domain === undefined ? [] : ['resources:', '  route:', '    type: route']),
  ].join('\n')}\n`;
}

function scoreOverlay(plan: ServicePlan, environment: string, last: boolean): string {
  const host = hostOf(plan, environment, last);
  return `${[
    `# What is different in ${environment}; null takes a key away.`,
    'metadata:',
    '  annotations:',
    `    plumbline.dev/replicas: "${last ? plan.replicas : 1}"`,
    'containers:',
    `  ${plan.name}:`,
    `    image: ${scalar(plan.image)}`,
    ...(host === undefined ? [] : ['resources:', '  route:', '    params:', `      host: ${host}`]),
  ].join('\n')}\n`;
}
