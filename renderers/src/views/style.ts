import CSS from '../css';

const parsed = new Map<string, CSSStyleSheet>();
const texts = [CSS];
const roots = new Set<ShadowRoot>();

/** One parsed sheet for all views of a page; it also passes a page whose policy refuses style elements. */
function put(root: ShadowRoot, css: string): void {
  try {
    let sheet = parsed.get(css);
    if (!sheet) {
      sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      parsed.set(css, sheet);
    }
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  } catch {
    const element = document.createElement('style');
    element.textContent = css;
    root.prepend(element);
  }
}

/** Style a view; returns the end of it. */
export function style(root: ShadowRoot): () => void {
  roots.add(root);
  for (const css of texts) put(root, css);
  return () => roots.delete(root);
}

/** Style sheets that came later, for all views that there are and will be. */
export function addStyle(css: string): void {
  texts.push(css);
  for (const root of roots) put(root, css);
}
