import type { ComponentChildren, FunctionComponent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Note } from '../Notes';
import { loadMore, more } from './load';
import type { MoreViews } from './views';

interface Props {
  name: Exclude<keyof MoreViews, 'css' | 'snippets'>;
  /** What stands there until the view is here; also when it cannot come. */
  meanwhile?: ComponentChildren;
  [prop: string]: unknown;
}

/** A view of the second chunk. That it cannot be had is one line; the rest of the page goes on. */
export function More({ name, meanwhile, ...props }: Props) {
  const [views, setViews] = useState(more.views);
  const [error, setError] = useState('');
  useEffect(() => {
    if (!views) loadMore().then(setViews, (e) => setError(e.message));
  }, []);
  if (!views)
    return (
      <>
        {meanwhile}
        {error && <Note icon="info" lead="This part of the view could not be loaded." text={error} under />}
      </>
    );
  const View = views[name] as FunctionComponent<object>;
  return <View {...props} />;
}
