import { Icon, type IconName } from './Icon';

/** A status or a judge's mark: an icon and a word, never a colour alone. */
export function Pill({ icon, tone, word, value }: { icon?: IconName; tone?: string; word: string; value?: string }) {
  return (
    <span class={tone ? `nb-pill ${tone}` : 'nb-pill'}>
      {icon && <Icon name={icon} />}
      {word}
      {value && <b>{value}</b>}
    </span>
  );
}
