import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Button } from './Button';
import { Icon, type IconName } from './Icon';
import { moved } from './keys';

export interface MenuItem {
  word: string;
  /** What it is good for, in muted ink. */
  note?: string;
  icon?: IconName;
  run: (from: HTMLElement) => void;
}

interface Props {
  icon: IconName;
  /** Says what is inside: "Copy as Python, curl or JSON". */
  label: string;
  /** Asked for when it opens: most are never opened. */
  items: () => MenuItem[];
  class?: string;
}

const AWAY = ['pointerdown', 'scroll'];

/** px between the list and the edge of the window. */
const AIR = 4;

/** Lay the list over the page: inside the view it would be cut at its edge. Where that is not known it stays there. */
function over(menu: HTMLElement | null): void {
  const list = menu?.lastElementChild as HTMLElement | null;
  if (!menu || !list?.showPopover) return;
  list.showPopover();
  const { right, bottom } = menu.getBoundingClientRect();
  const within = (at: number, size: number, room: number) => `${Math.max(AIR, Math.min(at, room - size - AIR))}px`;
  list.style.left = within(right - list.offsetWidth, list.offsetWidth, innerWidth);
  list.style.top = within(bottom, list.offsetHeight, innerHeight);
}

/** A button with a short list below it (WAI-ARIA menu button). */
export function Menu({ icon, label, items: list, class: name }: Props) {
  const [open, setOpen] = useState(false);
  const items = open ? list() : [];
  const root = useRef<HTMLSpanElement>(null);
  const at = useRef(0);
  const entries = () => [...(root.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
  const button = () => root.current?.querySelector<HTMLElement>('button');

  useLayoutEffect(() => {
    if (!open) return;
    over(root.current);
    entries()[at.current]?.focus();
    const away = (event: Event) => {
      if (root.current && !event.composedPath().includes(root.current)) setOpen(false);
    };
    const doc = root.current?.ownerDocument;
    // The list does not move with what is scrolled below it.
    for (const type of AWAY) doc?.addEventListener(type, away, true);
    return () => {
      for (const type of AWAY) doc?.removeEventListener(type, away, true);
    };
  }, [open]);

  const close = () => {
    setOpen(false);
    button()?.focus();
  };
  const choose = (item: MenuItem) => {
    close();
    const from = button();
    if (from) item.run(from);
  };
  const key = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && open) close();
    else if (event.key === 'Tab') return setOpen(false);
    else if (!open && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      at.current = event.key === 'ArrowUp' ? list().length - 1 : 0;
      setOpen(true);
    } else {
      const to = open ? moved(event, at.current, items.length, 'column') : -1;
      if (to < 0) return event.key === 'Enter' || event.key === ' ' ? event.stopPropagation() : undefined;
      at.current = to;
      entries()[to]?.focus();
    }
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the button and its menu
    <span class={name ? `nb-menu ${name}` : 'nb-menu'} ref={root} onKeyDown={key}>
      <Button
        aria-haspopup="menu"
        aria-expanded={open}
        say={label}
        // The keys are the menu's.
        onKeyDown={undefined}
        press={() => {
          at.current = 0;
          setOpen(!open);
        }}
      >
        <Icon name={icon} />
      </Button>
      {open && (
        <span class="nb-menu-list" role="menu" popover="manual" aria-label={label}>
          {items.map((item) => (
            <Button role="menuitem" tabIndex={-1} key={item.word} onKeyDown={undefined} press={() => choose(item)}>
              {item.icon && <Icon name={item.icon} />}
              <span>{item.word}</span>
              {item.note && <span class="m">{item.note}</span>}
            </Button>
          ))}
        </span>
      )}
    </span>
  );
}
