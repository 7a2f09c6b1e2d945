import { type ComponentChildren, Fragment } from 'preact';
import { useState } from 'preact/hooks';
import { actionWord, cutWord, endsOf, lagWord, samplingWord, shareWord } from '../../model/ends';
import { count, duration, inOut } from '../../model/format';
import { shortModel } from '../../model/kind';
import { ROW_NOT_HERE } from '../../model/words';
import type { Store } from '../../wire/store';
import type { WireJoined, WireServer, WireSpan } from '../../wire/types';
import { Gateway } from '../detail/Gateway';
import { type Pair, Pairs, Rule } from '../detail/Pairs';
import { Note } from '../Notes';
import { Button } from '../parts/Button';
import { brief } from '../parts/brief';
import { Copy } from '../parts/Copy';
import { Fold } from '../parts/Fold';
import { Icon } from '../parts/Icon';
import { EndLanes, PartsTable } from './Ends';

/** What the gateway said and, once joined, logged. */
export function GatewayTab({ span, store }: { span: WireSpan; store: Store }) {
  return span.call?.server ? <JoinedGateway span={span} store={store} /> : <Gateway span={span} />;
}

/** The Gateway tab of a joined call: two lanes, the parts they make, the routing, and what was logged. */
export function JoinedGateway({ span, store }: { span: WireSpan; store: Store }) {
  const server = span.call?.server;
  if (!server) return null;
  const ends = endsOf(span);
  return (
    <div class="nb-joined">
      <EndLanes span={span} now={store.now()} />
      {server.state === 'pending' && <Pending server={server} store={store} span={span} />}
      {ends && <PartsTable ends={ends} />}
      {ends?.odd && <p class="m t2">{ends.odd}</p>}
      {server.attempts && server.attempts.length > 0 && <Routing server={server} />}
      {server.state === 'matched' && <Logged server={server} span={span} />}
      {server.missing?.map((line) => (
        <Note key={line} icon="info" text={line} />
      ))}
      <Fold line="what the answer itself said: ids, limits, tokens and cost">{() => <Gateway span={span} />}</Fold>
    </div>
  );
}

const timeOf = (ms: number) => new Date(ms).toLocaleTimeString('en-GB');

function Pending({ server, store, span }: { server: WireServer; store: Store; span: WireSpan }) {
  const [said, setSaid] = useState('');
  const [busy, setBusy] = useState(false);
  const look = () => {
    setBusy(true);
    setSaid('');
    store
      .ask?.('look', { span: span.id })
      .then(
        () => setSaid('Looked again.'),
        (error: Error) => setSaid(error.message),
      )
      .finally(() => setBusy(false));
  };
  const [lead = '', ...rest] = ROW_NOT_HERE.split(/(?<=\.) /);
  const looked = server.looked_at === undefined ? '' : ` Looked at ${timeOf(server.looked_at)}.`;
  return (
    <Note icon={busy ? 'run' : 'clock'} lead={lead} text={`${server.note ?? rest.join(' ')}${looked} ${said}`.trim()}>
      {store.ask && store.liveness() === 'live' && (
        <Button class="line" disabled={busy} press={look}>
          <Icon name="retry" />
          Look again
        </Button>
      )}
    </Note>
  );
}

function Routing({ server }: { server: WireServer }) {
  const attempts = server.attempts ?? [];
  return (
    <>
      <Rule>routing: {count(attempts.length, 'attempt')}</Rule>
      <div class="nb-scroll">
        <table class="nb-table">
          <thead>
            <tr>
              <th scope="col" class="n num">
                #
              </th>
              <th scope="col">Served entity</th>
              <th scope="col" class="n">
                Configured share
              </th>
              <th scope="col">Action</th>
              <th scope="col">Status</th>
              <th scope="col" class="n">
                Time
              </th>
            </tr>
          </thead>
          <tbody>
            {attempts.map((attempt, i) => (
              <tr key={i}>
                <td class="n num">{i + 1}</td>
                <td title={attempt.destination_id && brief(attempt.destination_id)}>
                  {brief(attempt.destination ?? attempt.destination_id ?? '–')}
                </td>
                <td class="n">{shareWord(server, attempt.destination)}</td>
                <td class="m">{brief(actionWord(attempt.action), 40)}</td>
                <td class={toneOf(attempt.status_code)} title={attempt.error_code && brief(attempt.error_code)}>
                  {attempt.status_code ?? '–'}
                </td>
                <td class="n">{attempt.ms === undefined ? '–' : duration(attempt.ms)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

const toneOf = (code: number | undefined) =>
  code === 429 ? 'hold' : code !== undefined && code >= 400 ? 'err' : undefined;

function Logged({ server, span }: { server: WireServer; span: WireSpan }) {
  const id = server.request_id;
  const pairs: (Pair | false | undefined | '' | 0)[] = [
    id && { key: 'request id', value: <LoggedId id={id} /> },
    server.key && { key: 'joined by', value: <Key server={server} /> },
    server.status_code !== undefined && { key: 'status', value: String(server.status_code) },
    (server.entity ?? server.model) && { key: 'served by', value: served(server) },
    server.requester && {
      key: 'requester',
      value: [
        brief(server.requester),
        server.requester_type && brief(server.requester_type.toLowerCase().replaceAll('_', ' '), 40),
      ]
        .filter(Boolean)
        .join(', '),
    },
    server.tags && Object.keys(server.tags).length > 0 && { key: 'tags', value: <Tags of={server.tags} /> },
    server.tokens && { key: 'tokens', value: tokensWord(server, span) },
    server.sampling !== undefined &&
      server.sampling < 1 && {
        key: 'sampling',
        value: samplingWord(server.sampling),
      },
    server.truncated?.length && {
      key: 'cut',
      value: <span class="hold">{server.truncated.map((code) => brief(cutWord(code), 80)).join(' · ')}</span>,
    },
    server.earlier?.length && { key: 'sent before', value: <Earlier server={server} /> },
  ];
  const known = pairs.filter((pair): pair is Pair => Boolean(pair));
  return (
    <>
      <Rule>what the gateway logged</Rule>
      <Pairs of={known} />
    </>
  );
}

function LoggedId({ id }: { id: string }) {
  return (
    <span class="id">
      <code>{brief(id, 120)}</code>
      <Copy text={id} label="Copy request id" />
    </span>
  );
}

function Key({ server }: { server: WireServer }) {
  const { key, rows, lag_ms, table } = server;
  if (!key) return null;
  const where = key.table ?? table;
  const facts = [rows !== undefined && count(rows, 'row'), lag_ms !== undefined && lagWord(lag_ms)].filter(Boolean);
  return (
    <>
      <code>{brief(key.client, 80)}</code> = <code>{brief(key.column, 80)}</code>
      {where && ` in ${brief(where)}`}
      {facts.length > 0 && `, ${facts.join(', ')}`}
    </>
  );
}

function served(server: WireServer): ComponentChildren {
  const { entity, entity_id, model } = server;
  const named = entity ?? entity_id ?? '';
  const other = model && shortModel(model) !== shortModel(named) && shortModel(model);
  const words = [named, other].filter(Boolean).join(', ');
  return (
    <>
      {brief(words)} {server.fallback && <span class="hold">answered by fallback</span>}
    </>
  );
}

function Tags({ of }: { of: Record<string, string> }) {
  return (
    <>
      {Object.entries(of).map(([name, value], i) => (
        <Fragment key={name}>
          {i > 0 && ' · '}
          <code>{brief(name, 60)}</code> {brief(value, 120)}
        </Fragment>
      ))}
    </>
  );
}

/** `1,204 → 186, the same on both sides`, or both counts where they differ. */
function tokensWord(server: WireServer, span: WireSpan): string {
  const [there, here] = [server.tokens, span.call?.tokens];
  const logged = inOut(there?.in, there?.out);
  if (!here || (here.in === undefined && here.out === undefined)) return logged;
  const counted = inOut(here.in, here.out);
  return counted === logged ? `${logged}, the same on both sides` : `${logged} logged, ${counted} in the answer`;
}

function Earlier({ server }: { server: WireServer }) {
  return (
    <>
      {(server.earlier ?? []).map((row, i) => (
        <div key={i}>
          {row.status_code !== undefined && <span class={toneOf(row.status_code)}>{row.status_code} </span>}
          {row.duration_ms !== undefined && `${duration(row.duration_ms)} `}
          {row.request_id && <code>{brief(row.request_id, 120)}</code>}
        </div>
      ))}
    </>
  );
}

/** What the join as a whole found: one line over the trace. */
export function JoinedNote({ joined, store }: { joined: WireJoined; store: Store }) {
  const [now, setNow] = useState<WireJoined | null>(null);
  const [said, setSaid] = useState('');
  const { table, matched, pending, unmatched_rows, looked_at, keys } = now ?? joined;
  const all = matched + pending;
  const by = Object.entries(keys ?? {}).map(([key, n]) => `${n} by ${brief(key, 40)}`);
  const text = [
    `in ${brief(table)}${by.length ? `, ${by.slice(0, 4).join(', ')}` : ''}.`,
    pending > 0 && `${count(pending, 'row')} not here yet: the table lags 5 to 30 minutes, at times an hour.`,
    unmatched_rows &&
      `${count(unmatched_rows, 'row')} of that time ${unmatched_rows === 1 ? 'is' : 'are'} of other calls.`,
    pending > 0 && looked_at !== undefined && `Looked at ${timeOf(looked_at)}.`,
    said,
  ];
  const look = () =>
    store.ask?.('look', {}).then(
      (value) => setNow(value as WireJoined),
      (error: Error) => setSaid(error.message),
    );
  return (
    <Note icon="server" lead={`${matched} of ${count(all, 'call')} found`} text={text.filter(Boolean).join(' ')} under>
      {pending > 0 && store.ask && store.liveness() === 'live' && (
        <Button class="line" press={look}>
          <Icon name="retry" />
          Look again
        </Button>
      )}
    </Note>
  );
}
