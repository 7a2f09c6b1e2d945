import css from '../css';

const parsed = new Map<string, CSSStyleSheet>();
const texts: string[] = [];
const roots = new Set<ShadowRoot>();

/** One parsed sheet for all views of a page. */
function parse(text: string): CSSStyleSheet {
  let sheet = parsed.get(text);
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    parsed.set(text, sheet);
  }
  return sheet;
}

/** As a parsed sheet it also passes a page whose policy refuses style elements. */
function put(root: ShadowRoot, text: string): void {
  try {
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, parse(text)];
  } catch {
    const element = document.createElement('style');
    element.textContent = text;
    root.prepend(element);
  }
}

function ownTexts(): string[] {
  if (texts.length === 0) texts.push(css());
  return texts;
}

/** While a page that will draw views has nothing else to do: it takes a tenth of the first drawing. */
export function parseAhead(): void {
  const idle = globalThis.requestIdleCallback ?? setTimeout;
  idle(() => {
    try {
      ownTexts().forEach(parse);
    } catch {
      // No sheets of this kind here: each view gets a style element.
    }
  });
}

/** Style a view; returns the end of it. */
export function style(root: ShadowRoot): () => void {
  roots.add(root);
  for (const text of ownTexts()) put(root, text);
  return () => roots.delete(root);
}

/** Style sheets that came later, for all views that there are and will be. */
export function addStyle(text: string): void {
  ownTexts().push(text);
  for (const root of roots) put(root, text);
}
