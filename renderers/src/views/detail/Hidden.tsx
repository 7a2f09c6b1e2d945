import { Button } from '../parts/Button';
import { Icon } from '../parts/Icon';

/** In place of what a rule fired on: it is there for those who ask. */
export function Hidden({ words, button, show }: { words: string; button: string; show: () => void }) {
  return (
    <p class="nb-hidden m">
      <Icon name="lock" /> {words}{' '}
      <Button class="line" press={show}>
        <Icon name="eye" />
        {button}
      </Button>
    </p>
  );
}
