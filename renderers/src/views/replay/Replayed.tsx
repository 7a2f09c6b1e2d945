import type { Store } from '../../wire/store';
import type { Wire } from '../../wire/types';
import { Note, Notes } from '../Notes';
import { Replay } from './Replay';

/** What `call.replay()` shows: the form over the original and its replays. */
export function Replayed({ wire, store }: { wire: Wire; store: Store }) {
  const span = wire.spans.find((each) => each.id === wire.replay?.call);
  return (
    <>
      {span?.call ? (
        <Replay span={span} store={store} label={wire.replay?.label} />
      ) : (
        <Note icon="info" text="The call that was replayed is not in this output." />
      )}
      <Notes />
    </>
  );
}
