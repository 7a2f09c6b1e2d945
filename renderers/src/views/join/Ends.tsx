import { barOf, firstToken } from '../../model/bar';
import { type Ends, endsOf, shares } from '../../model/ends';
import { duration, share as percentOf } from '../../model/format';
import { percent } from '../../model/time';
import type { WireSpan } from '../../wire/types';
import { brief } from '../parts/brief';
import { Marks } from '../parts/Marks';
import { soloNode } from '../parts/soloNode';

/** The kernel's lane over the gateway's, on one axis. */
export function EndLanes({ span, now }: { span: WireSpan; now: number }) {
  const ends = endsOf(span);
  const node = soloNode(span, now);
  const bar = barOf(node, now);
  const total = Math.max(0.001, node.end - span.at);
  const first = firstToken(node);
  const at = (ms: number) => Math.min(100, Math.max(0, percent(ms, 0, total)));
  return (
    <div class="nb-ends" role="img" aria-label={sentence(span, ends)}>
      <span>this kernel</span>
      <div class="lane">
        <Marks bar={bar} from={span.at} to={span.at + total} />
      </div>
      <span />
      <div class="words">
        <span style="left:0">0</span>
        {first !== undefined && (
          <span style={`left:${at(first - span.at)}%`}>first token {duration(first - span.at)}</span>
        )}
        <span class="last">{duration(total)}</span>
      </div>
      <span>gateway</span>
      {ends ? (
        <div class="lane">
          {ends.lane.map((mark, i) => (
            <i
              key={i}
              class={`e-${mark.kind}`}
              style={`left:${at(mark.from)}%;width:${at(mark.to) - at(mark.from)}%`}
            />
          ))}
          {ends.firstByte !== undefined && <i class="first" style={`left:${at(ends.firstByte)}%`} />}
        </div>
      ) : (
        <div class="lane">
          <i class="e-none" style="left:0;width:100%" />
        </div>
      )}
      <span />
      {ends && (
        <div class="words">
          {ends.labels.map((label, i) =>
            label.align === 'end' ? (
              <span key={i} class="last wide">
                {label.text}
              </span>
            ) : (
              <span key={i} class={label.text === 'network' ? 'wide' : undefined} style={`left:${place(ends, i, at)}`}>
                {brief(label.text, 60)}
              </span>
            ),
          )}
        </div>
      )}
    </div>
  );
}

/** A label never stands on the one before it: it is moved to the right of it, by what that one needs. */
function place(ends: Ends, i: number, at: (ms: number) => number): string {
  const own = at(ends.labels[i]?.at ?? 0);
  const before = ends.labels.slice(0, i).filter((label) => label.align === 'start');
  const needed = before.reduce((ch, label) => Math.max(ch, 0) + label.text.length + 2, 0);
  return before.length ? `max(${own}%, ${needed}ch)` : `${own}%`;
}

function sentence(span: WireSpan, ends: Ends | null): string {
  if (!ends) return `Client ${duration(span.ms ?? 0)}. The gateway’s half is not known.`;
  return `Client ${duration(ends.waited)}. ${ends.parts.map((part) => `${part.word} ${duration(part.ms)}`).join(', ')}.`;
}

/** Where the time went: rows that add up to what was waited, each with its source. */
export function PartsTable({ ends }: { ends: Ends }) {
  const rounded = shares(
    ends.parts.map((part) => part.ms),
    ends.waited,
  );
  return (
    <div class="nb-scroll">
      <table class="nb-table">
        <thead>
          <tr>
            <th scope="col">Part</th>
            <th scope="col" class="n">
              Time
            </th>
            <th scope="col" class="n">
              Share
            </th>
            <th scope="col" class="mid">
              Known from
            </th>
          </tr>
        </thead>
        <tbody>
          {ends.parts.map((part, i) => (
            <tr key={i}>
              <td>
                <span class={`sw e-${part.kind}`} /> {part.word}
              </td>
              <td class="n">{duration(part.ms)}</td>
              <td class="n">{rounded[i]} %</td>
              <td class="m mid">
                {part.source}
                {part.kind === 'net' && <span class="wide">; the place of the two halves is a guess</span>}
              </td>
            </tr>
          ))}
          <tr class="sum">
            <td>what you waited</td>
            <td class="n">{duration(ends.waited)}</td>
            <td class="n">{percentOf(1, 1)}</td>
            <td class="m mid">this kernel’s clock</td>
          </tr>
        </tbody>
      </table>
    </div>
  );
}
