import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';
import { occurrences } from '../../model/search';

const NAME = 'nb-found';
/** More are not told apart. */
const MOST = 500;

interface Props {
  /** The view. */
  root: RefObject<HTMLElement | null>;
  query: string;
  /** Id of the span in the pane. */
  shown: string;
}

/**
 * Marks what was looked for in the detail pane, and brings the first of it into sight. The marks are ranges: no view
 * has to know of them, and nothing is drawn anew. A page has one set of them, that of the view last used.
 */
export function Found({ root, query, shown }: Props) {
  useEffect(() => {
    const detail = root.current?.querySelector('.nb-detail');
    const known = globalThis.CSS?.highlights;
    if (!detail || !known || !query.trim()) return;
    const mark = () => {
      const found: Range[] = [];
      const pane = detail.querySelector('.nb-pane');
      const texts = pane && document.createTreeWalker(pane, NodeFilter.SHOW_TEXT);
      while (texts?.nextNode()) {
        const node = texts.currentNode as Text;
        for (const [from, to] of occurrences(node.data, query)) {
          const range = new Range();
          range.setStart(node, from);
          range.setEnd(node, to);
          found.push(range);
        }
      }
      known.set(NAME, new Highlight(...found.slice(0, MOST)));
      return found[0];
    };
    const first = mark();
    const pane = first?.startContainer.parentElement?.closest('.nb-pane');
    if (first && pane) {
      const below = first.getBoundingClientRect().bottom - pane.getBoundingClientRect().bottom;
      if (below > 0) pane.scrollTop += below + pane.clientHeight / 2;
    }
    const changes = new MutationObserver(mark);
    changes.observe(detail, { childList: true, characterData: true, subtree: true });
    return () => {
      changes.disconnect();
      known.delete(NAME);
    };
  }, [root, query, shown]);
  return null;
}
