import type { ComponentChildren } from 'preact';
import { useId, useRef } from 'preact/hooks';
import { Button } from '../parts/Button';
import { moved, stopKeys } from '../parts/keys';

export interface Tab {
  key: string;
  word: string;
  pane: () => ComponentChildren;
}

interface Props {
  tabs: Tab[];
  at: string;
  choose: (key: string) => void;
  /** What stands at the right of the tabs. */
  end?: ComponentChildren;
}

/** Tabs and the one pane in sight; the others are not in the page. */
export function Tabs({ tabs, at, choose, end }: Props) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const current = Math.max(
    0,
    tabs.findIndex((tab) => tab.key === at),
  );
  const shown = tabs[current];
  const key = (event: KeyboardEvent) => {
    stopKeys(event);
    const to = moved(event, current, tabs.length, 'row');
    const next = tabs[to];
    if (!next) return;
    event.preventDefault();
    choose(next.key);
    (list.current?.children[to] as HTMLElement | undefined)?.focus();
  };
  if (!shown) return null;
  return (
    <>
      <div class="nb-tabs">
        <div role="tablist" aria-label="Views of this span" onKeyDown={key} ref={list}>
          {tabs.map((tab) => (
            <Button
              role="tab"
              key={tab.key}
              id={`${id}-${tab.key}`}
              aria-selected={tab === shown}
              aria-controls={tab === shown ? `${id}-pane` : undefined}
              tabIndex={tab === shown ? 0 : -1}
              // The arrows are the list's.
              onKeyDown={undefined}
              press={() => choose(tab.key)}
            >
              {tab.word}
            </Button>
          ))}
        </div>
        <span class="sp" />
        {end}
      </div>
      <div
        class="nb-pane"
        role="tabpanel"
        id={`${id}-pane`}
        aria-labelledby={`${id}-${shown.key}`}
        key={shown.key}
        onKeyDown={stopKeys}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so it must be reached by keys
        tabIndex={0}
        data-lm-suppress-shortcuts="true"
      >
        {shown.pane()}
      </div>
    </>
  );
}
