/** The inverse of packCss.mjs: later pieces may hold earlier ones, so they are put back first. */
export function unpack(text: string, keys: string, packed: string): string {
  const pieces = packed.split('\x7f');
  let css = text;
  for (let i = pieces.length - 1; i >= 0; i--) css = css.replaceAll(keys.charAt(i), () => pieces[i] ?? '');
  return css;
}
