import { Component } from 'preact';
import { count, duration, tokens } from '../model/format';
import type { Squeeze } from '../model/gaps';
import { hintOf, liveHint } from '../model/hint';
import { iconOf, statusOf } from '../model/kind';
import { density, similarHint, similarTitle } from '../model/similar';
import { percent, type Window } from '../model/time';
import type { Node, Similar } from '../model/types';
import { rowLabel } from '../model/words';
import { Bar, cut } from './Bar';
import { Columns } from './Columns';
import { Marked } from './Marked';
import { brief } from './parts/brief';
import { Icon } from './parts/Icon';

export interface RowProps {
  id: string;
  index: number;
  /** px in the list; absent where the row stands by itself. */
  top?: number;
  node: Node;
  similar?: Similar;
  folded: boolean;
  depth: number;
  selected: boolean;
  /** Drawn while the list flies by: name, time and bar. What cannot be read then comes when it stands. */
  light: boolean;
  critical: boolean;
  /** The trace has not ended. */
  live: boolean;
  query: string;
  now: number;
  window: Window;
  axis: Squeeze;
  ownTime: boolean;
  /** Open parents show the sum of their tokens too. */
  sums: boolean;
}

/** Deeper than this the indent stops, and the level is written. */
const DEEPEST = 8;
/** px. Not a custom property: one that changes is carried to all elements below. */
const START = 4;
const INDENT = 14;

/** Its parts are functions that are called, not components: there are many rows, and they change at every scroll. */
export class RowView extends Component<RowProps> {
  /** Scrolling and hovering draw the list often; a row that shows the same is left alone. */
  override shouldComponentUpdate(next: RowProps): boolean {
    for (const key of Object.keys(next) as (keyof RowProps)[]) {
      // A finished span looks the same whatever the clock says.
      if (key === 'now' && this.props.node.span.ms !== undefined && !this.props.similar) continue;
      // What is drawn in full stays so.
      if (key === 'light' && next.light) continue;
      if (next[key] !== this.props[key]) return true;
    }
    return false;
  }

  override render({ id, index, top, node, similar, folded, depth, selected, query, ownTime, sums, light }: RowProps) {
    const parent = !!similar || node.children.length > 0;
    const tone = similar ? '' : toneOf(node);
    const sum = similar
      ? similar.tokens
      : parent && !folded && !sums
        ? node.span.call
          ? node.tokens
          : 0
        : node.tokens;
    const ms = similar ? similar.median : ownTime ? node.own : node.end - node.span.at;
    return (
      <div
        class={`nb-row${similar ? ' grp' : ''}${selected ? ' at' : ''}`}
        role="row"
        id={id}
        aria-level={depth + 1}
        aria-rowindex={index + 1}
        aria-expanded={parent ? !folded : undefined}
        aria-selected={selected}
        style={top === undefined ? undefined : `top:${top}px`}
        aria-label={similar ? `${similarTitle(similar)}, ${similarHint(similar)}` : rowLabel(node)}
      >
        <div
          class={`name ${tone}`}
          role="gridcell"
          style={`padding-left:${START + Math.min(depth, DEEPEST) * INDENT}px`}
        >
          {chevron(parent && !light)}
          {depth > DEEPEST && <span class="deep">⋯ {depth}</span>}
          {light ? <span class="i" /> : Icon({ name: iconOf(node.span), tone: tone ? undefined : node.kind })}
          {similar ? groupWords(similar) : light ? <b>{nameOf(node)}</b> : words(node, query, tone, this.props.now)}
        </div>
        <div class="n tok" role="gridcell">
          {!light && (sum ? tokens(sum) : zeroTokens(node))}
        </div>
        <div class="n time" role="gridcell">
          {duration(ms)}
        </div>
        <div class="nb-fall" role="gridcell">
          {similar ? groupBar(similar, this.props) : Bar(light ? { ...this.props, critical: false } : this.props)}
        </div>
      </div>
    );
  }
}

/** The whole row is one stop for the keyboard: this is for the mouse. */
function chevron(parent: boolean) {
  return parent ? (
    <span class="fold">
      <Icon name="fold" />
    </span>
  ) : (
    <span class="fold none" />
  );
}

function toneOf({ span }: Node): '' | 'err' | 'hold' {
  switch (statusOf(span)) {
    case 'error':
      return 'err';
    case 'blocked':
    case 'rate_limited':
      return 'hold';
    default:
      return '';
  }
}

function words(node: Node, query: string, tone: string, now: number) {
  const live = liveHint(node, now);
  const hint = live?.text ?? hintOf(node);
  const tag = tagOf(node);
  return (
    <>
      <b title={brief(node.span.name)}>{Marked({ text: nameOf(node), query })}</b>
      {hint && (
        <span class={`cut ${live?.tone ?? tone}`} title={live ? undefined : brief(hint)}>
          {Marked({ text: brief(oneLine(hint), 400), query })}
          {live?.writing && <span class="caret" />}
        </span>
      )}
      {tag && <span class="tag mid">{tag}</span>}
    </>
  );
}

const nameOf = ({ span }: Node) => brief(span.name) || '(no name)';

/** Much longer than any row; the rest is in the detail. */
const HINT_CHARS = 300;
const oneLine = (text: string) => text.slice(0, HINT_CHARS).replace(/\s+/g, ' ');

function tagOf({ span }: Node): string | undefined {
  const { call } = span;
  if (call?.facts?.fallback) return 'answered by fallback';
  if (call && call.attempts.length > 1 && statusOf(span) !== 'rate_limited') return `${call.attempts.length} attempts`;
  return span.links?.length ? count(span.links.length, 'link') : undefined;
}

/** A call that was held back used none, and that is worth a number. */
function zeroTokens({ span }: Node): string {
  return span.call?.tokens?.total === 0 ? '0' : '';
}

function groupWords(group: Similar) {
  return (
    <>
      <b>{similarTitle(group)}</b>
      <span class="cut">{similarHint(group)}</span>
    </>
  );
}

/** Of a whole axis; a group takes its share of them. */
const COLUMNS = 160;

function groupBar(group: Similar, { window, axis }: RowProps) {
  const from = axis.place(group.from);
  const to = axis.place(group.to);
  const place = cut(percent(from, window.from, window.to), percent(to, window.from, window.to));
  if (!place) return null;
  const share = Math.min(1, (Math.min(to, window.to) - Math.max(from, window.from)) / (window.to - window.from));
  const columns = Math.max(6, Math.round(COLUMNS * share));
  const seen = density(
    group.nodes,
    axis.time(Math.max(from, window.from)),
    axis.time(Math.min(to, window.to)) + 0.001,
    columns,
  );
  return (
    <i class="many" style={place}>
      {Columns({ columns: seen, colour: `var(--nb-${group.kind})` })}
    </i>
  );
}
