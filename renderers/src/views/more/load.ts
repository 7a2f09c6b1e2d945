import { addStyle } from '../style';
import { KIT, MORE_ID } from './kit';
import type { MoreViews } from './views';

/**
 * The second chunk: views that most traces never need. It has no copy of the framework or of the parts
 * that the first holds; it is a function of them (see build.mjs), left in the page by the script.
 */
export function taken(): MoreViews | undefined {
  const make = (globalThis as Record<symbol, unknown>)[Symbol.for(MORE_ID)] as
    | ((kit: unknown[]) => MoreViews)
    | undefined;
  return make?.(KIT());
}

/** How the script comes into this page; each entry has a way of its own. May give the views themselves. */
export const more: { bring: () => Promise<unknown>; views?: MoreViews } = {
  bring: () => Promise.resolve(),
};

let loading: Promise<MoreViews> | undefined;

export function loadMore(): Promise<MoreViews> {
  loading ??= load().catch((error) => {
    // The next press tries again.
    loading = undefined;
    throw error;
  });
  return loading;
}

async function load(): Promise<MoreViews> {
  const views = taken() ?? ((await more.bring()) as MoreViews | undefined) ?? taken();
  if (!views) throw new Error('Its script is not in this page, or is of another version.');
  addStyle(views.css());
  more.views = views;
  return views;
}
