/** In the bundles the second chunk comes when it is needed; where there is a page, the tests have it at once. */
import { loadMore, more } from '../src/views/more/load';

more.bring = async () => (await import('../src/views/more/views')).views;
if (typeof document !== 'undefined') await loadMore();
