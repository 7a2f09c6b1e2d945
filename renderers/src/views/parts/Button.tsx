import type { ButtonHTMLAttributes } from 'preact';
import { stopKeys } from './keys';

type Native = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'onClick' | 'label'>;

interface Props extends Native {
  press: (from: HTMLElement) => void;
  /** For a button without words: spoken, and shown as the tooltip. */
  say?: string;
  disabled?: boolean;
}

/** A button inside of a view that also answers to presses and keys: its own go no further. */
export function Button({ press, say, children, ...rest }: Props) {
  return (
    <button
      type="button"
      aria-label={say}
      title={say}
      onKeyDown={stopKeys}
      data-lm-suppress-shortcuts="true"
      {...rest}
      onClick={(event) => {
        event.stopPropagation();
        press(event.currentTarget);
      }}
    >
      {children}
    </button>
  );
}
