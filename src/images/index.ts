// Job: keeps images in Git new: finds them in files, chooses tags by policy, changes nothing else, commits.
// May import: model, ports; js-yaml, node:vm and node:fs for files of this machine.
// Never: another effect room, a write into a repository that the project does not allow, a tag that was not asked for.
export { type LocalRequest, type LocalUpdates, updateDirectory } from './directory.ts';
export { type ImageLoop, type ImageLoopParts, startImageLoop } from './loop.ts';
