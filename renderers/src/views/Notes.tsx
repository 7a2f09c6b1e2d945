import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { safeHref } from '../model/inline';
import { cutLine, emptyLine, exportLine, failedLine, UNTRUSTED } from '../model/words';
import type { Wire } from '../wire/types';
import { useView } from './context';
import { More } from './more/More';
import { brief } from './parts/brief';
import { Icon, type IconName } from './parts/Icon';
import { Link } from './parts/Markdown';
import { watched } from './watched';

interface NoteProps {
  icon: IconName;
  tone?: string;
  lead?: string;
  text?: string;
  under?: boolean;
  children?: ComponentChildren;
}

/** A state that is one line high. */
export function Note({ icon, tone, lead, text: all = '', under, children }: NoteProps) {
  const text = brief(all, 600);
  return (
    <div class={under ? 'nb-note under' : 'nb-note'}>
      <Icon name={icon} tone={tone} />
      <span>
        {lead && <b>{lead}</b>}
        {text && (/^[,.]/.test(text) || !lead ? text : ` ${text}`)}
      </span>
      <span class="sp" />
      {children}
    </div>
  );
}

/** Where the trace can be looked at in MLflow, if that is an address of the web. */
function pageOf(wire: Wire): string | null {
  const href = safeHref(wire.export?.page ?? wire.page ?? '');
  return href && !href.startsWith('mailto:') ? href : null;
}

/** What is to be known of this trace before reading it: cut, untrusted, failures of ours, odd data. */
export const Notes = watched(function Notes() {
  const { state } = useView();
  const wire = state.wire.value;
  const failed = failedLine(wire);
  const sent = exportLine(wire);
  const page = pageOf(wire);
  const odd = state.tree.value.notes;
  const live = state.liveness.value === 'live' && !!state.store.value.ask;
  const cut = cutLine(wire, live);
  return (
    <>
      {state.liveness.value === 'untrusted' && <Note icon="lock" lead={UNTRUSTED[0]} text={UNTRUSTED[1]} under />}
      {wire.joined && <More name="joinedNote" store={state.store.value} joined={wire.joined} />}
      {cut && (
        <Note icon="cut" tone="hold" lead={cut[0]} text={cut[1]} under>
          {live && <ShowAll />}
        </Note>
      )}
      {failed && <Note icon="info" lead={failed[0]} text={failed[1]} under />}
      {(sent || page) && (
        <Note
          icon="info"
          tone={wire.export?.failed ? 'error' : undefined}
          lead={sent?.[0] ?? 'Stored in MLflow'}
          text={sent?.[1] ?? ''}
          under
        >
          {page && <Link href={page}>Open in MLflow</Link>}
        </Note>
      )}
      {odd.length > 0 && <Note icon="info" text={odd.join(' ')} under />}
    </>
  );
});

/** A kernel has the rest; it answers once the running cell has ended. */
const ShowAll = watched(function ShowAll() {
  const { state } = useView();
  const [said, setSaid] = useState('');
  return (
    <button
      type="button"
      class="line"
      onClick={() => {
        setSaid('Asking …');
        state.store.value.ask?.('snapshot').then(
          () => setSaid(''),
          (error: Error) => setSaid(error.message),
        );
      }}
    >
      {said || 'Show all'}
    </button>
  );
});

export const Empty = watched(function Empty() {
  const { state } = useView();
  const wire = state.wire.value;
  const [lead, text] = emptyLine(wire);
  const failed = failedLine(wire);
  // There was a call, then: we failed to record it.
  return failed ? <Note icon="info" lead={failed[0]} text={failed[1]} /> : <Note icon="info" lead={lead} text={text} />;
});

/** Unpacking takes some milliseconds; the totals stand there at once. */
export function Loading() {
  return (
    <div class="nb-skels" role="status" aria-label="Reading the saved trace">
      <div class="nb-skel" style="width:38%" />
      <div class="nb-skel" style="width:64%" />
      <div class="nb-skel" style="width:52%" />
    </div>
  );
}

/** Our own failure, in words and with the next step. */
export function Failure({ title, text, next }: { title: string; text: string; next?: string }) {
  return (
    <div class="nb-verdict error" role="alert">
      <Icon name="error" />
      <div>
        <h4>{title}</h4>
        <p>{text}</p>
        {next && (
          <p class="next">
            <b>Next</b> {next}
          </p>
        )}
      </div>
    </div>
  );
}
