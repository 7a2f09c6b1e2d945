import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Button } from './Button';
import { brief } from './brief';
import { writeClipboard } from './clipboard';
import { Icon } from './Icon';

export type Copied = 'idle' | 'copied' | 'failed';

const SAID: Record<Copied, string> = { idle: '', copied: 'copied', failed: 'not copied: the browser refused' };
const STAYS_MS = 1600;

/** What became of the last copy, for a while, and the function that copies. */
export function useCopy(): [Copied, (text: string, from: HTMLElement) => void] {
  const [state, setState] = useState<Copied>('idle');
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = async (text: string, from: HTMLElement) => {
    setState((await writeClipboard(text, from)) ? 'copied' : 'failed');
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setState('idle'), STAYS_MS);
  };
  return [state, copy];
}

/** The word beside a copy button, also spoken. */
export function CopiedNote({ state }: { state: Copied }) {
  return (
    <span class="nb-copied" role="status">
      {SAID[state]}
    </span>
  );
}

interface Props {
  text: string | (() => string);
  /** What is copied, said by screen readers and the tooltip: "Copy request id …". */
  label: string;
  class?: string;
  children?: ComponentChildren;
}

export function Copy({ text, label, class: name, children }: Props) {
  const [state, copy] = useCopy();
  const press = (from: HTMLElement) => copy(typeof text === 'string' ? text : text(), from);
  return (
    <span class="nb-copy">
      <Button class={name} say={label} press={press}>
        <Icon name={state === 'copied' ? 'check' : 'copy'} />
        {children}
      </Button>
      <CopiedNote state={state} />
    </span>
  );
}

/** An id as its first eight characters, with a button that copies all of it. */
export function Id({ word, id, full }: { word?: string; id: string; full?: boolean }) {
  const shown = full ? brief(id, 120) : id.slice(0, 8);
  return (
    <span class="id">
      {word && <span>{word}</span>}
      <code title={brief(id)}>{shown}</code>
      <Copy text={id} label={`Copy ${word ?? 'id'} ${shown}`} />
    </span>
  );
}
