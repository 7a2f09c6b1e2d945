import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Store } from '../../wire/store';
import type { WireSpan } from '../../wire/types';
import { Button } from '../parts/Button';
import { Icon } from '../parts/Icon';
import { More } from './More';

type Form = 'replay' | 'feedback';

/** What a kernel can do with a call: send it again, note a verdict. The buttons, and the form that is open. */
export function useForms(span: WireSpan, store: Store): { buttons: ComponentChildren; panes: ComponentChildren } {
  const [open, setOpen] = useState<{ id: string; form?: Form; bad?: boolean }>({ id: '' });
  const form = open.id === span.id ? open.form : undefined;
  const show = (next?: Form, bad?: boolean) =>
    setOpen({ id: span.id, form: next === form && bad === open.bad ? undefined : next, bad });
  const live = store.ask && store.liveness() === 'live' && span.ms !== undefined;
  const thumb = (bad: boolean) => (
    <Button
      say={bad ? 'Bad answer' : 'Good answer'}
      class="mid"
      aria-expanded={form === 'feedback' && open.bad === bad}
      press={() => show('feedback', bad)}
    >
      <Icon name={bad ? 'down' : 'up'} />
    </Button>
  );
  return {
    buttons: live && span.call && (
      <>
        <Button class="mid" aria-expanded={form === 'replay'} press={() => show('replay')}>
          <Icon name="play" />
          Replay
        </Button>
        {thumb(false)}
        {thumb(true)}
      </>
    ),
    panes: (
      <>
        {span.assessments?.length && <More name="judges" store={store} span={span} />}
        {form && (
          <More key={form + open.bad} name={form} store={store} span={span} bad={open.bad} close={() => show()} />
        )}
      </>
    ),
  };
}
