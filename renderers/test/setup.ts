/** In the bundles the second chunk comes when it is needed; where there is a page, the tests have it at once. */
import fc from 'fast-check';
import { loadMore, more } from '../src/views/more/load';

more.bring = async () => (await import('../src/views/more/views')).views;
if (typeof document !== 'undefined') await loadMore();

// The same examples at each run; NBEXT_SEED=any-number looks at others.
fc.configureGlobal({ seed: Number(process.env.NBEXT_SEED ?? 20261124) });
