import { useEffect, useRef, useState } from 'preact/hooks';
import { count, whole } from '../../model/format';
import { jsonStore } from '../../wire/jsonStore';
import type { Store } from '../../wire/store';
import type { CallsAnswer, OverviewFilter } from '../../wire/types';
import { Embedded } from '../more/Embedded';
import { Note } from '../Notes';
import { Button } from '../parts/Button';
import { Copy } from '../parts/Copy';
import { Icon } from '../parts/Icon';

interface Props {
  store: Store;
  filter: OverviewFilter;
  words: string;
  close: () => void;
}

/** The calls behind what was chosen, below it: a trace view like any other. */
export function Calls({ store, filter, words, close }: Props) {
  const [got, setGot] = useState<{ key: string; answer?: CallsAnswer; calls?: Store; error?: string }>({ key: '' });
  const head = useRef<HTMLDivElement>(null);
  const key = JSON.stringify(filter);
  const live = store.liveness() === 'live' && store.ask;
  useEffect(() => {
    head.current?.scrollIntoView({ block: 'nearest' });
    if (!live) return;
    let old = false;
    store.ask?.('calls', filter).then(
      (value) => {
        const answer = value as CallsAnswer;
        if (!old) setGot({ key, answer, calls: jsonStore(answer.wire) });
      },
      (error: Error) => !old && setGot({ key, error: error.message }),
    );
    return () => {
      old = true;
    };
  }, [key, live]);
  const done = got.key === key ? got : { key };
  const shown = done.calls?.get().totals.calls ?? 0;
  const total = done.answer?.total ?? shown;
  return (
    <div class="nb-behind">
      <div class="nb-head" ref={head}>
        <Icon name="filter" tone="flow" />
        <h3>Calls</h3>
        <div class="facts">
          {done.answer && <b>{total > shown ? `${whole(shown)} of ${count(total, 'call')}` : count(total, 'call')}</b>}
          <span class="cut">{words || 'all'}</span>
        </div>
        <div class="acts">
          {done.answer?.code && <Copy text={done.answer.code} label="Copy the Python that gives these calls" />}
          <Button say="Close" press={close}>
            <Icon name="close" />
          </Button>
        </div>
      </div>
      {!live && <Note icon="info" text="Listing the calls needs a kernel. Run the cell to make this view live." />}
      {live && !done.answer && !done.error && <Note icon="run" text="Reading the calls …" />}
      {done.error && <Note icon="error" tone="err" lead="The calls could not be read." text={done.error} />}
      {done.calls && <Embedded store={done.calls} />}
    </div>
  );
}
