import { ICON_PATHS, type IconName } from './iconPaths';

export type { IconName };

/** Icons made of dots need a pen as wide as the dot. */
const DOTS: Partial<Record<IconName, number>> = { embed: 2.4, more: 2.2 };

interface Props {
  name: IconName;
  /** Kind or status colour: `model`, `tool`, `data`, `flow`, `err`, `hold`; or `fold`. */
  tone?: string;
  /** Said by screen readers when no word stands beside the icon; without it the icon is decoration. */
  label?: string;
}

/** Drawn at 14 px in the colour of the text beside it. */
export function Icon({ name, tone, label }: Props) {
  const said = label ? { role: 'img' as const, 'aria-label': label } : { 'aria-hidden': true as const };
  return (
    // biome-ignore lint/a11y/noSvgWithoutTitle: named by aria-label, or hidden beside a word
    <svg class={tone ? `i ${tone}` : 'i'} viewBox="0 0 16 16" {...said}>
      <path d={ICON_PATHS[name]} stroke-width={DOTS[name]} />
    </svg>
  );
}
