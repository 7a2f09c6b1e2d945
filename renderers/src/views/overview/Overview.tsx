import { useState } from 'preact/hooks';
import { count, durationLong, whole } from '../../model/format';
import {
  ageWord,
  amount,
  BASIS_WORDS,
  isFiltered,
  money,
  rangeWord,
  rate,
  STATUS_WORDS,
  windowWord,
} from '../../model/overview';
import { own } from '../../model/own';
import { UNTRUSTED } from '../../model/words';
import type { Store } from '../../wire/store';
import type { OverviewFilter, WireGrain, WireOverview } from '../../wire/types';
import { Note } from '../Notes';
import { Button } from '../parts/Button';
import { brief } from '../parts/brief';
import { type Copied, CopiedNote, useCopy } from '../parts/Copy';
import { Icon } from '../parts/Icon';
import { Menu, type MenuItem } from '../parts/Menu';
import { Calls } from './Calls';
import { Graphs } from './Graphs';
import { GroupTable } from './GroupTable';
import { useNumbers } from './useNumbers';

const GRAINS: WireGrain[] = ['endpoint', 'entity', 'requester', 'tag'];

/** An inference table at a glance; what is chosen in it filters all of it, and leads to the calls. */
export function Overview({ store, payload }: { store: Store; payload: WireOverview }) {
  const [ranged, setRanged] = useState<WireOverview | null>(null);
  const [said, setSaid] = useState('');
  const overview = ranged ?? payload;
  const grains = GRAINS.filter((grain) => overview.groups[grain]?.length);
  const [grain, setGrain] = useState<WireGrain>(grains[0] ?? 'endpoint');
  const [filter, setFilter] = useState<OverviewFilter>({});
  const [listed, setListed] = useState<OverviewFilter | null>(null);
  const numbers = useNumbers(store, overview, grain, filter);
  const live = store.liveness() === 'live' && Boolean(store.ask);

  const choose = (change: Partial<OverviewFilter>) => setFilter({ ...filter, ...change });
  const range = (key: string) => {
    setSaid('Reading …');
    store.ask?.('overview', { range: key }).then(
      (value) => {
        setRanged(value as WireOverview);
        setFilter({});
        setListed(null);
        setSaid('');
      },
      (error: Error) => setSaid(error.message),
    );
  };
  const { from, to } = filter;
  const [sql, setSql] = useState(false);
  const [copied, copy] = useCopy();
  const code = overview.code && `${overview.code}.by_${grain}`;
  const items = grains
    .filter((each) => each !== grain)
    .map((each): MenuItem => ({ word: `By ${each}`, icon: 'data', run: () => setGrain(each) }));
  if (live) items.push({ word: 'Show these calls', icon: 'open', run: () => setListed(filter) });
  if (isFiltered(filter)) items.push({ word: 'Clear the filter', icon: 'close', run: () => setFilter({}) });
  if (overview.engine?.sql) items.push({ word: sql ? 'Hide SQL' : 'Show SQL', icon: 'data', run: () => setSql(!sql) });
  if (code) items.push({ word: 'Copy as DataFrame', icon: 'copy', run: (button) => copy(code, button) });
  return (
    <div class="nb-overview" role="group" aria-label={`Overview of ${brief(overview.table)}`}>
      <Head overview={overview} live={live} range={range} items={items} copied={copied} />
      {store.liveness() === 'untrusted' && <Note icon="lock" lead={UNTRUSTED[0]} text={UNTRUSTED[1]} under />}
      {[...(overview.notes ?? []), numbers.lack, said].filter(Boolean).map((note) => (
        <Note key={note} icon="info" text={note} under />
      ))}
      <Graphs
        of={numbers.graphs}
        at={from === undefined || to === undefined ? null : { from, to }}
        brush={(window) => choose({ from: window?.from, to: window?.to })}
        list={() => setListed(filter)}
        live={live}
      />
      {isFiltered(filter) && (
        <div class="nb-filters">
          <span>{filterWords(filter)}</span>
          <span class="sp" />
          <Button class="line" press={() => setListed(filter)}>
            Show these calls
          </Button>
          <Button press={() => setFilter({})}>Clear</Button>
        </div>
      )}
      <GroupTable
        groups={numbers.groups}
        grain={grain}
        grains={grains}
        setGrain={setGrain}
        filter={filter}
        choose={choose}
      />
      <Foot overview={overview} sql={sql} frame={code ? { code, copy } : undefined} showSql={setSql} />
      {listed && <Calls store={store} filter={listed} words={filterWords(listed)} close={() => setListed(null)} />}
    </div>
  );
}

function filterWords({ from, to, value, status }: OverviewFilter): string {
  const words = [
    from !== undefined && to !== undefined && windowWord(from, to),
    value !== undefined && brief(value, 80),
    status && STATUS_WORDS[status],
  ];
  return words.filter(Boolean).join(' · ');
}

interface HeadProps {
  overview: WireOverview;
  live: boolean;
  range: (key: string) => void;
  items: MenuItem[];
  copied: Copied;
}

function Head({ overview, live, range, items, copied }: HeadProps) {
  const { totals, table } = overview;
  const name =
    table
      .split(/[./\\]/)
      .filter(Boolean)
      .at(-1) ?? table;
  const rates: [string, string, number | undefined][] = [
    ['429', 'hold', totals.limited],
    ['blocked', 'hold', totals.blocked],
    ['errors', 'err', totals.errors],
  ];
  return (
    <div class="nb-head">
      <Icon name="server" tone="flow" />
      <h3 title={brief(table)}>{brief(name, 80)}</h3>
      <div class="facts">
        <b title={`${whole(totals.requests)} requests`}>{amount(totals.requests)} requests</b>
        <span class="wide">{rangeWord(overview.from, overview.to)}</span>
        {rates.map(([word, tone, n]) =>
          n ? (
            <span key={word} class={tone} title={whole(n)}>
              {rate(n, totals.requests)} % {word}
            </span>
          ) : null,
        )}
        {totals.usd !== undefined && (
          <span class="wide">
            <span class="est" title={own(BASIS_WORDS, totals.cost_basis ?? 'listed')}>
              {money(totals)}
            </span>
          </span>
        )}
      </div>
      <div class="acts">
        {live && overview.ranges && overview.ranges.length > 0 && (
          <select
            class="nb-choice"
            aria-label="Time shown"
            value={overview.range}
            onChange={(event) => range(event.currentTarget.value)}
            data-lm-suppress-shortcuts="true"
          >
            {overview.ranges.map((each) => (
              <option key={each.key} value={each.key}>
                {brief(each.label, 40)}
              </option>
            ))}
          </select>
        )}
        {!live && <span class="n m chip mid">saved</span>}
        <CopiedNote state={copied} />
        {items.length > 0 && <Menu icon="more" label="More: grouping, calls, SQL, frame" items={() => items} />}
      </div>
    </div>
  );
}

interface FootProps {
  overview: WireOverview;
  sql: boolean;
  showSql: (on: boolean) => void;
  frame?: { code: string; copy: (text: string, button: HTMLElement) => void };
}

function Foot({ overview, sql, showSql, frame }: FootProps) {
  const { engine, newest, sampled, saved } = overview;
  const read = new Date(saved ?? Number.NaN).getTime();
  const facts = [
    sampled && 'sampled rows are weighted',
    newest !== undefined &&
      `newest row ${new Date(newest).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })}, ${ageWord(newest, read || Date.now())}`,
  ];
  const time = engine?.seconds === undefined ? '' : `, ${durationLong(engine.seconds * 1000)}`;
  const queries = engine?.queries === undefined ? '' : `, ${count(engine.queries, 'query', 'queries')}`;
  return (
    <>
      <div class="nb-foot">
        {engine && <span>{`${brief(engine.name, 60)}${time}${queries}`}</span>}
        <span class="wide">{facts.filter(Boolean).join(' · ')}</span>
        <span class="sp" />
        {engine?.sql && (
          <Button aria-expanded={sql} press={() => showSql(!sql)}>
            {sql ? 'Hide SQL' : 'Show SQL'}
          </Button>
        )}
        {frame && (
          <Button title={brief(frame.code)} press={(button) => frame.copy(frame.code, button)}>
            As DataFrame
          </Button>
        )}
      </div>
      {sql && engine?.sql && <pre class="nb-sql">{engine.sql.slice(0, 20_000)}</pre>}
    </>
  );
}
