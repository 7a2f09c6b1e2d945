import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Icon } from './Icon';
import { stopKeys } from './keys';

interface Props {
  /** The one line that stands for the rest. */
  line: ComponentChildren;
  /** What is known of the rest, at the right: "288 tok", "14.1 kB". */
  size?: ComponentChildren;
  open?: boolean;
  class?: string;
  /** A function: the content is made when it is first opened. */
  children: ComponentChildren | (() => ComponentChildren);
}

/** One line that unfolds; what is folded is not in the page. */
export function Fold({ line, size, open: first = false, class: name, children }: Props) {
  const [open, setOpen] = useState(first);
  return (
    <details class={name} open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a summary is a button; it only stops its own keys */}
      <summary onKeyDown={stopKeys} data-lm-suppress-shortcuts="true">
        <Icon name="fold" tone="fold" />
        <span class="cut">{line}</span>
        <span class="sp" />
        {size && <span class="n">{size}</span>}
      </summary>
      {open && (typeof children === 'function' ? children() : children)}
    </details>
  );
}
