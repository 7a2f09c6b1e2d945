// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';
import * as calls from '../../dev/fixtures/calls';
import { fixtureStore } from '../../dev/store';
import { OneCall } from '../../src/views/onecall/OneCall';
import type { Wire } from '../../src/wire/types';
import { draw } from './draw';

function one(wire: Wire, open = false) {
  const [span] = wire.spans;
  if (!span) throw new Error('a fixture without a span');
  return draw(<OneCall span={span} store={fixtureStore(wire)} open={open} />);
}

/** The three lines as a reader sees them. */
function lines(wire: Wire) {
  const view = one(wire);
  const facts = [...view.one('.facts').children].map((el) => el.textContent?.trim());
  const said = view
    .all('.nb-prev')
    .map((row) => [row.querySelector('.who')?.textContent, row.querySelector('.cut')?.textContent]);
  return { facts, said };
}

describe('the folded form, one outcome each', () => {
  it('answered', () => {
    const { facts, said } = lines(calls.lakehouse());
    expect(facts).toEqual(['1 call', '0.84 s', '312 → 96 tokens', '$0.0009', 'claude-haiku-4-5']);
    expect(said[0]).toEqual(['user', 'What is a lakehouse, in two sentences?']);
    expect(said[1]?.[0]).toBe('assistant');
    expect(said[1]?.[1]).toMatch(/^A lakehouse keeps one copy/);
  });
  it('embedding', () => {
    const { facts, said } = lines(calls.embedding());
    expect(facts).toContain('1,920 tokens');
    expect(said).toEqual([
      ['input', '64 texts · “Churn rose in EMEA after the price change …”'],
      ['output', '64 vectors × 1,024 · norm 1.00'],
    ]);
  });
  it('interrupted: what came is kept, the cost is a lower bound', () => {
    const { facts, said } = lines(calls.interrupted());
    expect(facts.slice(0, 5)).toEqual(['interrupted', '1 call', '2.31 s', '18.4k → 118 tokens', '≥ $0.057']);
    expect(said[1]).toEqual(['assistant', '1. Parties. The agreement is between Norden Logistik AB and …']);
  });
  it('blocked: the sent text is not there, the masked copy is', () => {
    const view = one(calls.blocked());
    expect(view.place.textContent).not.toContain('ada.lovelace');
    expect(view.all('.nb-mask').map((el) => el.textContent)).toEqual(['EMAIL_ADDRESS', 'CREDIT_CARD']);
    expect(lines(calls.blocked()).said[1]).toEqual([
      'gateway',
      'Blocked before the model saw it: personal data in the prompt.',
    ]);
  });
  it('rate limited: attempts in the facts and in a bar', () => {
    const { facts } = lines(calls.rateLimited());
    expect(facts.slice(0, 4)).toEqual(['rate limited', '1 call', '3 attempts', '1.62 s']);
    const view = one(calls.rateLimited());
    expect(view.all('.nb-sparkline .s-failed')).toHaveLength(3);
    expect(view.all('.nb-sparkline .s-retry')).toHaveLength(2);
  });
  it('error: the image stands before the words about it', () => {
    expect(lines(calls.refused()).said).toEqual([
      ['user', '(image 1.2 MB) What is on this slide?'],
      ['error', '400 invalid_image_format: “image/tiff” is not one of png, jpeg, gif, webp.'],
    ]);
  });
  it('does not change the data it draws', () => {
    const wire = calls.refused();
    const before = JSON.stringify(wire);
    one(wire);
    expect(JSON.stringify(wire)).toBe(before);
  });
});

describe('opening', () => {
  it('a press anywhere opens, the button folds', async () => {
    const view = one(calls.lakehouse());
    view.press('.nb-prev');
    await view.settle();
    expect(view.one('.tog').getAttribute('aria-expanded')).toBe('true');
    expect(view.all('.nb-msg').map((m) => m.dataset.role)).toEqual(['system', 'user', 'assistant']);
    expect(view.text('.nb-foot')).toContain('stream · temperature 0.2 · max 256');
    expect(view.one('.nb-lane').getAttribute('aria-label')).toBe('first token after 0.31 s, then 0.53 s of streaming.');
    view.press('.tog');
    await view.settle();
    expect(view.all('.nb-msg')).toHaveLength(0);
  });
  it('shows a verdict before the chat, and the sent text only when asked', async () => {
    const view = one(calls.blocked(), true);
    expect(view.text('.nb-verdict h4')).toBe('Blocked before the model saw it');
    expect(view.place.textContent).not.toContain('ada.lovelace');
    view.named('Show what was sent').click();
    await view.settle();
    expect(view.place.textContent).toContain('ada.lovelace@example.com');
  });
  it('keeps the reason of a policy back, and says whose words the answer is', async () => {
    const view = one(calls.policy(), true);
    expect(view.place.textContent).not.toContain('4111111111111');
    expect(view.all('.nb-msg').map((m) => m.dataset.role)).toContain('gateway');
    view.named('Show reason').click();
    await view.settle();
    expect(view.text('.nb-verdict')).toContain('Detected a card number');
  });
  it('says it is waiting while nothing has come', () => {
    const wire = calls.lakehouse();
    const [span] = wire.spans;
    if (!span?.call) throw new Error('a fixture without a call');
    const { ms: _, ...running } = span;
    const { first: __, ...call } = span.call;
    const waiting = {
      ...wire,
      state: 'running' as const,
      spans: [{ ...running, status: 'running' as const, call: { ...call, answers: [] } }],
    };
    expect(lines(waiting).said[1]).toEqual(['assistant', 'waiting for the first token']);
  });
});
