/** Path and query as they were sent; a proxy's request line may hold the whole address. */
export function splitTarget(target: string): { readonly path: string; readonly search: string } {
  const local = target.replace(/^https?:\/\/[^/?]*/i, '');
  const mark = local.indexOf('?');
  const path = mark === -1 ? local : local.slice(0, mark);
  return { path: path === '' ? '/' : path, search: mark === -1 ? '' : local.slice(mark + 1) };
}
