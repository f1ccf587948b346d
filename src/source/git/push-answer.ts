/** What became of one ref of a push: `faster` means that somebody else moved it in the meantime. */
export type PushedRef = { readonly ref: string; readonly outcome: 'done' | 'faster' | 'refused'; readonly why: string };

const races =
  /stale info|fetch first|non-fast-forward|cannot lock ref|failed to (?:lock|update ref)|incorrect old value|reference already exists|needs force|remote ref updated since checkout/i;

/** Reads the answer of `git push --porcelain`: a line `<flag> TAB <from>:<to> TAB <summary>` for each ref. */
export function parsePushAnswer(text: string): readonly PushedRef[] {
  return text.split('\n').flatMap((line): PushedRef[] => {
    const [flag = '', refs = '', summary = ''] = line.split('\t');
    const to = refs.slice(refs.indexOf(':') + 1);
    if (flag.length !== 1 || !to.startsWith('refs/')) return [];
    if (flag !== '!') return [{ ref: to, outcome: 'done', why: '' }];
    const why = /\((.*)\)\s*$/.exec(summary)?.[1] ?? summary.trim();
    return [{ ref: to, outcome: races.test(summary) ? 'faster' : 'refused', why: why.slice(0, 200) }];
  });
}
