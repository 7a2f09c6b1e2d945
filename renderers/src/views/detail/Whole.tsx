import { useState } from 'preact/hooks';
import type { Store } from '../../wire/store';
import type { WireSpan } from '../../wire/types';
import { Note } from '../Notes';
import { Button } from '../parts/Button';

/** Says that long texts of a span are not all here; a kernel has them. */
export function Whole({ span, store }: { span: WireSpan; store: Store }) {
  const [said, setSaid] = useState('');
  if (!span.cut) return null;
  const live = store.ask && store.liveness() === 'live';
  const ask = () => store.ask?.('whole', span.id).catch((error: Error) => setSaid(error.message));
  return (
    <Note
      icon="cut"
      tone="hold"
      lead="Long texts are cut here."
      text={said || (live ? '' : 'Run the cell to see all.')}
      under
    >
      {live && (
        <Button class="line" press={ask}>
          Show all
        </Button>
      )}
    </Note>
  );
}
