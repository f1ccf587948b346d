// Job: the requests and answers shared by whoever asks (cli, api, web) and whoever answers (engine), as plain data.
// May import: model.
// Never: contain logic.
export type * from './actions.ts';
export type * from './admin.ts';
export type * from './applications.ts';
export type * from './change-requests.ts';
export type * from './changes.ts';
export type * from './commits.ts';
export type * from './images.ts';
export type * from './operator.ts';
export type * from './records.ts';
export type * from './requests.ts';
export type * from './workbench.ts';
