import type { ComponentChildren, VNode } from 'preact';
import { count, duration, inOut, tokens, usd } from '../../model/format';
import { noPrice } from '../../model/words';
import type { WireCall, WireSpan } from '../../wire/types';
import { brief } from './brief';

/** "tok" where there is no room for "tokens". */
export const TokWord = () => (
  <>
    tok<span class="mid">ens</span>
  </>
);

/** Estimated figures carry a dotted underline; the tooltip says what they rest on. */
export function Estimated({ on, why, children }: { on: boolean; why?: string; children: ComponentChildren }) {
  return on ? (
    <span class="est" title={why}>
      {children}
    </span>
  ) : (
    <span title={why}>{children}</span>
  );
}

/** `312 → 96`, or the one side that is known; null when nothing is. */
export function inOutText(call: WireCall): string | null {
  const t = call.tokens;
  if (!t || (t.in === undefined && t.out === undefined && t.total === undefined)) return null;
  if (!t.in && !t.out) return tokens(t.total ?? 0);
  return call.api === 'embeddings' || call.api === 'rerank' ? tokens(t.in ?? t.total ?? 0) : inOut(t.in, t.out);
}

const COST_BASIS = {
  listed: 'estimated from list prices',
  custom: 'estimated from your price table',
  allocated: 'allocated from the bill',
} as const;

/** What a cost rests on, in words. */
export function costBasis(cost: NonNullable<WireCall['cost']>): string {
  const known = COST_BASIS[cost.basis] ?? COST_BASIS.listed;
  const basis = cost.source ? `${known}: ${brief(cost.source)}` : known;
  return cost.partial ? `at least; a part has no price; ${basis}` : basis;
}

/** Cost, `≥` where a part is unknown; "–" when there is no price for what was used. */
export function CostFact({ call }: { call: WireCall }): VNode | null {
  const { cost } = call;
  if (cost) {
    return (
      <span>
        {cost.partial && '≥ '}
        <Estimated on={cost.usd > 0} why={costBasis(cost)}>
          {usd(cost.usd)}
        </Estimated>
      </span>
    );
  }
  if (!call.tokens?.total && !call.tokens?.out) return null;
  return <span title={brief(noPrice(call.served ?? call.model ?? call.endpoint))}>–</span>;
}

/** Time from start to end, or so far. */
export const spanMs = (span: WireSpan, now: number) => span.ms ?? Math.max(0, now - span.at);

/** One line: time, tokens, cost, and what was out of the ordinary. */
export function FactsLine({ span, now }: { span: WireSpan; now: number }) {
  const call = span.call;
  const facts: VNode[] = [<span key="ms">{duration(spanMs(span, now))}</span>];
  if (call) {
    const io = inOutText(call);
    const cached = call.tokens?.cached;
    if (io) {
      facts.push(
        <Estimated
          key="tok"
          on={Boolean(call.tokens?.est)}
          why={call.tokens?.est ? 'counted here: the answer carried no usage' : undefined}
        >
          {io} tok{cached ? `, ${tokens(cached)} cached` : ''}
        </Estimated>,
      );
    }
    const cost = CostFact({ call });
    if (cost) facts.push(cost);
    if (call.attempts.length > 1) facts.push(<span class="hold">{count(call.attempts.length, 'attempt')}</span>);
    if (call.facts?.fallback) facts.push(<span class="hold">answered by fallback</span>);
  }
  return <div class="nb-facts cut">{facts.flatMap((fact, i) => (i ? [' · ', fact] : [fact]))}</div>;
}
