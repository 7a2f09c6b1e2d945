import { Fragment } from 'preact';
import { cutWord, samplingWord } from '../../model/ends';
import { duration } from '../../model/format';
import type { WireCall, WireFacts, WireSpan, WireVerdict } from '../../wire/types';
import { brief } from '../parts/brief';
import { Copy } from '../parts/Copy';
import { type Pair, Pairs, Rule } from './Pairs';
import { Tokens } from './Tokens';

const ROUTES: Record<NonNullable<WireFacts['route']>, string> = {
  serving: 'Databricks serving endpoint',
  unity: 'Databricks Unity AI Gateway',
  mlflow: 'MLflow AI Gateway',
  other: 'OpenAI-compatible gateway',
};

const FullId = ({ word, id }: { word: string; id: string }) => (
  <span class="id">
    <code>{brief(id, 120)}</code>
    <Copy text={id} label={`Copy ${word}`} />
  </span>
);

const Muted = ({ children }: { children: string }) => <span class="m">{children}</span>;

/** What the gateway said about the call, in words, then what it used. */
export function Gateway({ span }: { span: WireSpan }) {
  const call = span.call;
  if (!call) return null;
  const facts = call.facts ?? {};
  const pairs = [
    ...who(call, facts),
    ...ids(call, facts),
    ...when(span, facts),
    ...logged(facts),
    ...rules(call, facts),
  ];
  return (
    <>
      <Pairs of={pairs} />
      <Rule>tokens and cost</Rule>
      <Tokens call={call} />
    </>
  );
}

function who(call: WireCall, facts: WireFacts): Pair[] {
  const pairs: Pair[] = [];
  if (facts.route) pairs.push({ key: 'gateway', value: ROUTES[facts.route] });
  if (call.endpoint) pairs.push({ key: 'endpoint', value: brief(call.endpoint) });
  if (call.model && call.model !== call.endpoint) pairs.push({ key: 'asked for', value: brief(call.model) });
  const served = facts.served_model ?? call.served;
  if (served) {
    const from = facts.served_model ? 'served-model-name' : 'model in the answer';
    pairs.push({
      key: 'served by',
      value: (
        <>
          {brief(served)} <Muted>{from}</Muted>
        </>
      ),
    });
  }
  if (facts.entity && facts.entity !== served) pairs.push({ key: 'served entity', value: brief(facts.entity) });
  if (facts.fallback) {
    pairs.push({
      key: 'fallback',
      value: <span class="hold">answered by fallback: another served model than the first choice took the call</span>,
    });
  }
  if (facts.provider) pairs.push({ key: 'provider', value: brief(facts.provider) });
  if (facts.workspace_id) pairs.push({ key: 'workspace', value: <code>{brief(facts.workspace_id)}</code> });
  return pairs;
}

function ids(call: WireCall, facts: WireFacts): Pair[] {
  const request = facts.request_id ?? call.attempts.at(-1)?.request_id;
  const all: [string, string | undefined][] = [
    ['request id', request],
    ['client id', facts.client_request_id],
    ['trace id', facts.gateway_trace_id],
  ];
  return all.flatMap(([key, id]) => (id ? [{ key, value: <FullId word={key} id={id} /> }] : []));
}

function when(span: WireSpan, facts: WireFacts): Pair[] {
  if (facts.server_ms === undefined) return [];
  const last = span.call?.attempts.at(-1);
  const waited = last?.ms ?? span.ms;
  const rest = waited === undefined ? undefined : waited - facts.server_ms;
  return [
    {
      key: 'server time',
      value: (
        <>
          {duration(facts.server_ms)}{' '}
          {rest !== undefined && rest >= 0 && (
            <Muted>{`+ ${duration(rest)} network and queue, kernel minus gateway`}</Muted>
          )}
        </>
      ),
    },
  ];
}

/** What only a logged row knows. */
function logged(facts: WireFacts): Pair[] {
  const pairs: Pair[] = [];
  if (facts.requester) pairs.push({ key: 'requester', value: brief(facts.requester) });
  if (facts.sampling !== undefined && facts.sampling < 1)
    pairs.push({ key: 'sampling', value: samplingWord(facts.sampling) });
  if (facts.truncated?.length) {
    const words = facts.truncated.map((code) => brief(cutWord(code), 80)).join(' · ');
    pairs.push({ key: 'cut', value: <span class="hold">{words}</span> });
  }
  return pairs;
}

const POLICY_WORDS: Partial<Record<WireVerdict['kind'], string>> = {
  guardrail: 'held back by a guardrail',
  policy: 'denied by a service policy',
  rate_limit: 'rate limit reached',
  budget: 'budget used up',
};

function rules(call: WireCall, facts: WireFacts): Pair[] {
  const held = call.verdict && POLICY_WORDS[call.verdict.kind];
  const pairs: Pair[] = [
    { key: 'policies', value: held ? <span class="hold">{held}</span> : <Muted>none reported</Muted> },
  ];
  for (const [name, value] of Object.entries(facts.limits ?? {})) {
    pairs.push({ key: brief(limitWord(name), 40), value: <span title={brief(name)}>{brief(value)}</span> });
  }
  const tags = Object.entries(facts.tags ?? {});
  if (tags.length) {
    pairs.push({
      key: 'tags',
      value: tags.map(([k, v], i) => (
        <Fragment key={k}>
          {i > 0 && ' · '}
          <code>{brief(k, 60)}</code> {brief(v)}
        </Fragment>
      )),
    });
  }
  if (call.url) pairs.push({ key: 'url', value: <code>{brief(call.url, 500)}</code> });
  return pairs;
}

/** `x-ratelimit-remaining-tokens` reads "tokens left"; other headers keep their names. */
function limitWord(header: string): string {
  const m = /^x-ratelimit-(limit|remaining|reset)-?(.*)$/i.exec(header);
  if (!m) return header.toLowerCase();
  const what = m[2] || 'requests';
  return (
    { limit: `${what} limit`, remaining: `${what} left`, reset: `${what} reset` }[(m[1] ?? 'limit').toLowerCase()] ??
    header
  );
}
