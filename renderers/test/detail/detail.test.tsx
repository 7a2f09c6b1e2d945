// @vitest-environment happy-dom
import { describe, expect, it, vi } from 'vitest';
import { agent, repairSpan } from '../../dev/fixtures/agent';
import * as calls from '../../dev/fixtures/calls';
import { fixtureStore } from '../../dev/store';
import { Detail } from '../../src/views/detail/Detail';
import type { Wire, WireSpan } from '../../src/wire/types';
import { draw } from './draw';

function detail(wire: Wire, span: WireSpan | undefined, select = vi.fn()) {
  if (!span) throw new Error('no such span');
  const close = vi.fn();
  return { ...draw(<Detail span={span} store={fixtureStore(wire)} select={select} close={close} />), select, close };
}

const repair = () => {
  const wire = agent();
  return detail(wire, repairSpan(wire));
};
const tab = async (view: ReturnType<typeof detail>, word: string) => {
  view
    .all('[role=tab]')
    .find((t) => t.textContent?.startsWith(word))
    ?.click();
  await view.settle();
};

describe('messages', () => {
  it('reads as drawn: facts, then folded system, user, seen tool calls, the rule, the answer', () => {
    const view = repair();
    expect(view.text('.nb-facts')).toBe('2.41 s · 2,310 → 142 tok, 1,180 cached · $0.0091 · 2 attempts');
    const chat = view.one('.nb-chat');
    expect(
      [...chat.children].map((el) =>
        el.classList.contains('nb-rule') ? el.textContent : (el as HTMLElement).dataset.role,
      ),
    ).toEqual(['system', 'user', 'assistant', 'answer of this call · tool_calls', 'assistant']);
    expect(view.all('summary').map((s) => s.textContent)).toEqual([
      expect.stringContaining('1,018 tok'),
      '3 tool calls, shown in gather2 ok · 1 error',
      'Reasoning64 tok',
      'run_sql, search_docs2 offered',
    ]);
  });
  it('draws a tool call and its result as one box and jumps to its span', () => {
    const view = repair();
    const [failed, ok] = view.all('.nb-call');
    expect(failed?.classList.contains('bad')).toBe(true);
    expect(failed?.textContent).toContain('TABLE_OR_VIEW_NOT_FOUND');
    expect(ok?.querySelectorAll('tbody tr')).toHaveLength(3);
    expect(ok?.textContent).toContain('1,204');
    ok?.querySelector<HTMLElement>('.jump')?.click();
    const ran = agent().spans.find((s) => s.name === 'run_sql' && s.at === 5570);
    expect(view.select).toHaveBeenCalledWith(ran?.id);
  });
  it('makes folded content when it is opened, not before', async () => {
    const view = repair();
    expect(view.place.textContent).not.toContain('has a quarter column');
    const fold = view.all('details').find((d) => d.textContent?.startsWith('Reasoning')) as HTMLDetailsElement;
    fold.open = true;
    fold.dispatchEvent(new Event('toggle'));
    await view.settle();
    expect(view.place.textContent).toContain('has a quarter column');
  });
  it('goes to the call before and after', () => {
    const view = repair();
    const order = agent().spans.filter((s) => s.call);
    const at = order.findIndex((s) => s.call?.attempts.length === 2);
    view.named('Previous call').click();
    view.named('Next call').click();
    expect(view.select.mock.calls.flat()).toEqual([order[at - 1]?.id, order[at + 1]?.id]);
  });
});

describe('tabs', () => {
  it('follow the pattern: one stop, arrows go round, the pane is named by its tab', async () => {
    const view = repair();
    const tabs = () => view.all('[role=tab]');
    expect(tabs().map((t) => t.textContent)).toEqual(['Messages', 'Attempts 2', 'Gateway', 'JSON']);
    expect(tabs().map((t) => t.tabIndex)).toEqual([0, -1, -1, -1]);
    const stopped = view.key('[role=tablist]', 'ArrowLeft');
    await view.settle();
    expect(stopped.defaultPrevented).toBe(true);
    expect(tabs().map((t) => t.getAttribute('aria-selected'))).toEqual(['false', 'false', 'false', 'true']);
    expect(view.one('[role=tabpanel]').getAttribute('aria-labelledby')).toBe(tabs()[3]?.id);
  });
  it('attempts: each with status, wait and id', async () => {
    const view = repair();
    await tab(view, 'Attempts');
    const rows = view.all('.nb-table tbody tr').map((tr) => [...tr.children].map((td) => td.textContent));
    expect(rows).toEqual([
      ['1', '429 REQUEST_LIMIT_EXCEEDED', '0', '0.13 s', '9b0e41c7'],
      ['', 'wait, Retry-After 1', '0.13 s', '1.00 s', ''],
      ['2', '200', '1.13 s', '1.28 s', '58db0e4d'],
    ]);
  });
  it('gateway: facts in words, tokens that add up', async () => {
    const view = repair();
    await tab(view, 'Gateway');
    const keys = view.all('.nb-pair dt').map((dt) => dt.textContent);
    expect(keys).toEqual([
      'gateway',
      'endpoint',
      'served by',
      'workspace',
      'request id',
      'trace id',
      'policies',
      'tokens left',
      'tags',
      'url',
    ]);
    const parts = view.all('.nb-token-words li').map((li) => li.textContent);
    expect(parts).toEqual(['input 1,130', 'cached 1,180', 'reasoning 64', 'output 78', 'together 2,452']);
    expect(view.text('.nb-cost')).toBe('$0.0091 estimated from list prices: genai-prices 2026-10-01');
  });
  it('says why it failed where nobody gave a verdict', () => {
    const wire = calls.lakehouse();
    const [span] = wire.spans;
    const failed = {
      ...span,
      status: 'error',
      error: { type: 'INTERNAL_ERROR', message: 'upstream connect error' },
    } as WireSpan;
    const view = detail({ ...wire, spans: [failed] }, failed);
    expect(view.text('.nb-verdict')).toContain('upstream connect error');
  });
  it('JSON: hidden request and response stay hidden until asked', async () => {
    const wire = calls.policy();
    const [span] = wire.spans;
    const view = detail(wire, span);
    await tab(view, 'JSON');
    expect(view.place.textContent).not.toContain('4111111111111');
    view.named('Show it').click();
    await view.settle();
    expect(view.place.textContent).toContain('4111111111111');
  });
});

describe('spans that are no calls', () => {
  it('show the exception first, its stack folded, then input and output', async () => {
    const wire = agent();
    const view = detail(
      wire,
      wire.spans.find((s) => s.name === 'run_sql' && s.error),
    );
    expect(view.text('.nb-verdict h4')).toBe('AnalysisException');
    expect(view.place.textContent).not.toContain('Traceback');
    expect(view.all('[role=tab]').map((t) => t.textContent)).toEqual([
      'Input, output',
      'Attributes 2',
      'Events 1',
      'JSON',
    ]);
    await tab(view, 'Attributes');
    expect(view.text('.nb-pair')).toContain('serverless-small');
  });
  it('draw documents as lines with their scores', () => {
    const wire = agent();
    const view = detail(
      wire,
      wire.spans.find((s) => s.name === 'search_docs'),
    );
    expect(view.all('.nb-documents summary').map((s) => s.querySelector('.n')?.textContent)).toEqual([
      '0.912',
      '0.774',
    ]);
  });
});

it('says who fell back, and closes', () => {
  const wire = calls.lakehouse();
  const [span] = wire.spans;
  if (!span?.call) throw new Error('a fixture without a call');
  const view = detail(wire, { ...span, call: { ...span.call, facts: { fallback: true } } });
  expect(view.text('.nb-facts')).toContain('answered by fallback');
  view.named('Close').click();
  expect(view.close).toHaveBeenCalledOnce();
});

it('says what only a logged row knows', async () => {
  const wire = calls.lakehouse();
  const [span] = wire.spans;
  if (!span?.call) throw new Error('a fixture without a call');
  const facts = {
    entity: 'support-prod-1',
    requester: 'analyst@example.com',
    sampling: 0.25,
    truncated: ['MAX_RESPONSE_SIZE_EXCEEDED', 'A_NEW_CODE'],
  };
  const view = detail(wire, { ...span, call: { ...span.call, facts } });
  await tab(view, 'Gateway');
  const words = view.all('.nb-pair dd').map((dd) => dd.textContent?.trim());
  const said = Object.fromEntries(view.all('.nb-pair dt').map((dt, i) => [dt.textContent, words[i]]));
  expect(said['served entity']).toBe('support-prod-1');
  expect(said.requester).toBe('analyst@example.com');
  expect(said.sampling).toBe('the table keeps 25 % of the calls');
  expect(said.cut).toBe('the answer was too long to be logged · A_NEW_CODE');
});
