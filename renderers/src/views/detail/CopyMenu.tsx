import { useState } from 'preact/hooks';
import type { WireCall, WireSpan } from '../../wire/types';
import { loadMore } from '../more/load';
import { CopiedNote, useCopy } from '../parts/Copy';
import { Menu, type MenuItem } from '../parts/Menu';

/** The span as something to paste. Keys are never part of it: none reach the page. */
export function CopyMenu({
  span,
  icon = 'copy',
  more = [],
}: {
  span: WireSpan;
  icon?: 'copy' | 'more';
  more?: MenuItem[];
}) {
  const [state, copy] = useCopy();
  const { call } = span;
  const items: MenuItem[] = [];
  const [lack, setLack] = useState('');
  const failed = (error: Error) => setLack(error.message);
  if (call) {
    const snippet = (write: (call: WireCall) => string, from: HTMLElement) => copy(write(call), from);
    const item = (word: string, which: 'python' | 'curl', note?: string): MenuItem => ({
      word,
      note,
      run: (from) => loadMore().then(({ snippets }) => snippet(snippets[which], from), failed),
    });
    items.push(item('Copy as Python', 'python', 'openai'), item('Copy as curl', 'curl'));
  }
  items.push({ word: 'Copy as JSON', run: (from) => copy(jsonOf(span), from) });
  const label = call ? 'Copy as Python, curl or JSON' : 'Copy as JSON';
  return (
    <>
      <CopiedNote state={state} />
      {lack && <span class="nb-copied">{lack}</span>}
      <Menu icon={state === 'copied' ? 'check' : icon} label={label} items={() => [...items, ...more]} />
    </>
  );
}

function jsonOf(span: WireSpan): string {
  const { call } = span;
  const value = call
    ? { url: call.url, request: call.request, response: call.response ?? call.body }
    : { name: span.name, type: span.type, inputs: span.inputs, outputs: span.outputs, attributes: span.attributes };
  return JSON.stringify(value, null, 2);
}
