/** A JSON pointer as people write paths: `spec.containers[0].image`, `metadata.annotations["a.b/c"]`. */
export function pathText(pointer: string): string {
  if (pointer === '') return '(everything)';
  let out = '';
  for (const raw of pointer.slice(1).split('/')) {
    const step = raw.replaceAll('~1', '/').replaceAll('~0', '~');
    if (/^\d+$/.test(step) && out !== '') out += `[${step}]`;
    else if (/^[A-Za-z_$][A-Za-z0-9_$-]*$/.test(step)) out += out === '' ? step : `.${step}`;
    else out += `[${JSON.stringify(step)}]`;
  }
  return out;
}
