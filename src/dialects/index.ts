// Job: translates custom resources of other GitOps tools into the model and back, one folder per dialect.
// May import: model.
// Never: a request, a clock, a decision about what to do; user mistakes are returned as problems, not thrown.
export * as argocd from './argocd/index.ts';
