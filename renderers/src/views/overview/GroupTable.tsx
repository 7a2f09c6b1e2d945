import { inOut, tokens, whole } from '../../model/format';
import { shortModel } from '../../model/kind';
import {
  BASIS_WORDS,
  GRAIN_WORDS,
  logPlace,
  money,
  rate,
  rateTone,
  rulerEnds,
  STATUS_WORDS,
  seconds,
} from '../../model/overview';
import { own } from '../../model/own';
import type { OverviewFilter, WireGrain, WireGroup } from '../../wire/types';
import { Button } from '../parts/Button';
import { brief } from '../parts/brief';

interface Props {
  groups: WireGroup[];
  grain: WireGrain;
  grains: WireGrain[];
  setGrain: (grain: WireGrain) => void;
  filter: OverviewFilter;
  choose: (change: Partial<OverviewFilter>) => void;
}

type Status = NonNullable<OverviewFilter['status']>;
const STATUSES: Status[] = ['limited', 'blocked', 'errors'];

/** Who or what, with rates and a ruler of its durations; names and rates are filters. */
export function GroupTable({ groups, grain, grains, setGrain, filter, choose }: Props) {
  const ends = rulerEnds(groups.flatMap((g) => [g.p50 ?? 0, g.p95 ?? 0, g.p99 ?? 0]));
  const most = groups.reduce((top, g) => Math.max(top, g.requests), 1);
  const hints = groups.some((g) => g.hint);
  const first = groups.some((g) => g.ttfb_p50 !== undefined);
  const costs = groups.some((g) => g.usd !== undefined);
  const unit = (ms: number) => (ms / 1000).toLocaleString('en-US');
  return (
    <div class="nb-scroll-x">
      <table class="nb-table nb-groups">
        <thead>
          <tr>
            <th scope="col">
              {grains.length > 1 ? (
                <select
                  aria-label="Group by"
                  value={grain}
                  onChange={(event) => setGrain(event.currentTarget.value as WireGrain)}
                  data-lm-suppress-shortcuts="true"
                >
                  {grains.map((each) => (
                    <option key={each} value={each}>
                      {GRAIN_WORDS[each]}
                    </option>
                  ))}
                </select>
              ) : (
                GRAIN_WORDS[grain]
              )}
            </th>
            {hints && (
              <th scope="col" class="wide">
                Model
              </th>
            )}
            <Head word="Requests" />
            <Head word="429 %" />
            <Head word="Blocked %" />
            <Head word="Error %" />
            <th scope="col" class="wide ruler">
              {unit(ends.from)} to {unit(ends.to)} s, log
            </th>
            <Head word="p50 s" />
            <Head word="p95 s" />
            <Head word="p99 s" name="mid" />
            {first && <Head word="first byte s" name="wide" />}
            <Head word="Tokens" name="mid" />
            {costs && <Head word="Cost" />}
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <Row
              key={group.name}
              group={group}
              most={most}
              ends={ends}
              hints={hints}
              first={first}
              costs={costs}
              on={filter.value === group.name && filter.grain === grain}
              status={filter.status}
              choose={(change) => choose({ grain, value: group.name, ...change })}
              clear={() => choose({ grain: undefined, value: undefined })}
            />
          ))}
        </tbody>
      </table>
      {groups.length === 0 && <p class="nb-none m">No requests here.</p>}
    </div>
  );
}

function Head({ word, name = '' }: { word: string; name?: string }) {
  return (
    <th scope="col" class={`n ${name}`}>
      {word}
    </th>
  );
}

interface RowProps {
  group: WireGroup;
  most: number;
  ends: { from: number; to: number };
  hints: boolean;
  first: boolean;
  costs: boolean;
  on: boolean;
  status?: Status;
  choose: (change: Partial<OverviewFilter>) => void;
  clear: () => void;
}

function Row({ group, most, ends, hints, first, costs, on, status, choose, clear }: RowProps) {
  const { requests } = group;
  const toggle = () => (on ? clear() : choose({}));
  return (
    <tr class={on ? 'on' : undefined} onClick={toggle}>
      <td>
        <Button aria-pressed={on} title={brief(group.name)} press={toggle}>
          <span class="cut">{brief(shortModel(group.name) || '(none)', 80)}</span>
        </Button>
      </td>
      {hints && <td class="m wide">{brief(group.hint ? shortModel(group.hint) : '', 60)}</td>}
      <td class="n">
        <span class="nb-spark mid">
          <i class="f-model" style={`width:${(requests / most) * 100}%`} />
        </span>
        <span class="num7">{whole(requests)}</span>
      </td>
      {STATUSES.map((each) => (
        <Rate key={each} group={group} status={each} on={on && status === each} choose={choose} />
      ))}
      <td class="wide">
        <Ruler group={group} ends={ends} />
      </td>
      <td class="n">{seconds(group.p50)}</td>
      <td class="n">{seconds(group.p95)}</td>
      <td class="n mid">{seconds(group.p99)}</td>
      {first && <td class="n wide">{seconds(group.ttfb_p50)}</td>}
      <td class="n mid">{group.out ? inOut(group.in, group.out) : group.in === undefined ? '–' : tokens(group.in)}</td>
      {costs && (
        <td class="n">
          <span class={group.usd ? 'est' : undefined} title={own(BASIS_WORDS, group.cost_basis ?? 'listed')}>
            {money(group)}
          </span>
        </td>
      )}
    </tr>
  );
}

function Rate({
  group,
  status,
  on,
  choose,
}: {
  group: WireGroup;
  status: Status;
  on: boolean;
  choose: RowProps['choose'];
}) {
  const n = group[status];
  const text = rate(n, group.requests);
  const tone = rateTone(status, n, group.requests);
  return (
    <td class={`n ${tone}`}>
      {n ? (
        <Button
          class={tone}
          aria-pressed={on}
          title={`${whole(n)} × ${STATUS_WORDS[status]}`}
          press={() => choose({ status: on ? undefined : status })}
        >
          {text}
        </Button>
      ) : (
        text
      )}
    </td>
  );
}

/** p50, p95 and p99 on a log ruler that all rows share. */
function Ruler({ group, ends }: { group: WireGroup; ends: { from: number; to: number } }) {
  const at = (ms: number | undefined) => (ms === undefined ? null : logPlace(ms, ends));
  const [a, b, c] = [at(group.p50), at(group.p95), at(group.p99)];
  if (a === null) return null;
  const last = c ?? b ?? a;
  return (
    <div class="nb-range" aria-hidden="true">
      <i style={`left:${a}%;width:${last - a}%`} />
      <b style={`left:${a}%`} />
      {b !== null && <b class="p95" style={`left:${b}%`} />}
      {c !== null && <b class="p99" style={`left:${c}%`} />}
    </div>
  );
}
