import { describe, expect, it } from 'vitest';
import { isGood, sourceWords, valueWord } from '../../src/model/assessments';
import { filledParts, renderedOf, templateParts } from '../../src/model/prompts';
import { askOf, editsBetween, editWord, formOf, isEditable, keyOf, NO_EDITS, typed } from '../../src/model/replay';
import type { Json, WireCall } from '../../src/wire/types';

const callOf = (request: Json, more: Partial<WireCall> = {}): WireCall => ({
  api: 'chat.completions',
  messages: [],
  answers: [],
  attempts: [],
  request,
  ...more,
});

const CHAT = callOf({
  model: 'a',
  temperature: 0.2,
  stream: true,
  tools: [],
  messages: [
    { role: 'system', content: 'Be brief.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'What is it?' },
        { type: 'image_url', image_url: { url: 'x' } },
      ],
    },
    { role: 'assistant', content: null, tool_calls: [{ id: '1' }] },
  ],
});

describe('a request as a form', () => {
  it('offers what can be edited and keeps the rest', () => {
    const form = formOf(CHAT);
    expect(form.model).toBe('a');
    expect(form.system).toMatchObject({ role: 'system', text: 'Be brief.' });
    expect(form.params.map((p) => p.name)).toEqual(['temperature', 'max_tokens']);
    expect(form.messages.map((m) => (isEditable(m) ? m.text : m.what))).toEqual([
      'What is it?',
      'image url',
      'tool calls',
    ]);
  });

  it('finds the instruction and the input of other APIs', () => {
    expect(formOf(callOf({ model: 'm', instructions: 'Be kind.', input: 'Hi' }))).toMatchObject({
      system: { path: ['instructions'], text: 'Be kind.' },
      messages: [{ role: 'user', path: ['input'], text: 'Hi' }],
    });
    expect(formOf(callOf({ contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] })).messages).toEqual([
      { role: 'user', path: ['contents', 0, 'parts', 0, 'text'], text: 'Hi' },
    ]);
    expect(formOf(callOf(null)).messages).toEqual([]);
  });

  it('asks only for what is different, and changes nothing else of the messages', () => {
    const form = formOf(CHAT);
    expect(askOf('s', CHAT, form, NO_EDITS)).toEqual({ call: 's' });
    const [user] = form.messages;
    if (!form.system || !user || !isEditable(user)) throw new Error('both are texts');
    const ask = askOf('s', CHAT, form, {
      model: 'b',
      params: { temperature: '0', max_tokens: '' },
      texts: { [keyOf(user.path)]: 'Why?', [keyOf(form.system.path)]: 'Be brief.' },
    });
    expect(ask).toEqual({
      call: 's',
      model: 'b',
      params: { temperature: 0 },
      messages: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Why?' },
            { type: 'image_url', image_url: { url: 'x' } },
          ],
        },
        { role: 'assistant', content: null, tool_calls: [{ id: '1' }] },
      ],
    });
    // The request that was sent stays as it was.
    expect(JSON.stringify(CHAT.request)).toContain('What is it?');
  });

  it('an instruction beside the messages goes with the parameters', () => {
    const call = callOf({ model: 'm', system: 'Be kind.', messages: [{ role: 'user', content: 'Hi' }] });
    const form = formOf(call);
    expect(askOf('s', call, form, { params: {}, texts: { [keyOf(['system'])]: 'Be short.' } })).toEqual({
      call: 's',
      params: { system: 'Be short.' },
    });
  });

  it('reads a field as what it was, and says what it cannot read', () => {
    expect(typed('temperature', '0.5', 1)).toBe(0.5);
    expect(typed('temperature', '', 1)).toBeNull();
    expect(typed('stop', 'END', 'x')).toBe('END');
    expect(typed('seed', '7', undefined)).toBe(7);
    expect(() => typed('temperature', 'warm', 1)).toThrow('temperature: expected a number, got “warm”.');
  });

  it('knows from a replay what was edited', () => {
    const form = formOf(CHAT);
    const later = callOf({ ...(CHAT.request as { [key: string]: Json }), model: 'b', temperature: 0 });
    expect(editsBetween(form, formOf(later))).toEqual({ model: 'b', params: { temperature: '0' }, texts: {} });
  });

  it('counts words of an edit', () => {
    expect(editWord('a b', 'a b c d')).toBe('+ 2 words');
    expect(editWord('a b', 'a')).toBe('− 1 word');
    expect(editWord('a b', 'a c')).toBe('1 word changed');
    expect(editWord('a', 'a')).toBe('');
  });
});

describe('prompts', () => {
  it('finds the variables of a template in what was sent', () => {
    expect(templateParts('Hi {{ name }}!').map((p) => p.name ?? p.text)).toEqual(['Hi ', 'name', '!']);
    const filled = filledParts('{{a}} and {{b}}.', 'one and two and three.', { a: 'one and two' });
    expect(filled?.filter((p) => p.k === 'variable').map((p) => p.text)).toEqual(['one and two', 'three']);
    expect(filledParts('Hi {{x}}!', 'Hello you!')).toBeNull();
    expect(filledParts('{{x}}', '')?.[0]?.text).toBe('');
  });

  it('takes each message once, and says when none fits', () => {
    const messages = [
      { role: 'user', text: 'about cats' },
      { role: 'user', text: 'about dogs' },
    ];
    const template = ['about {{x}}', 'about {{y}}', 'on {{z}}'].map((content) => ({ role: 'user', content }));
    const rendered = renderedOf({ name: 'p', version: 1, template }, messages);
    expect(rendered.map((r) => [r.found, r.parts.at(-1)?.text])).toEqual([
      [true, 'cats'],
      [true, 'dogs'],
      [false, '{{z}}'],
    ]);
  });
});

describe('judgements', () => {
  it('are good, bad, or a figure that is neither', () => {
    const one = (value: Json, good?: boolean) =>
      isGood({ name: 'x', source: 'CODE', value, ...(good === undefined ? {} : { good }) });
    expect([one('no'), one('Yes'), one(true), one(0.2), one(0.2, false)]).toEqual([
      false,
      true,
      true,
      undefined,
      false,
    ]);
    expect([valueWord(true), valueWord(0.916), valueWord(null)]).toEqual(['yes', '0.92', '']);
    expect(
      sourceWords({ name: 'x', source: 'LLM_JUDGE', judge: { model: 'databricks-claude', ms: 800, usd: 0.0004 } }),
    ).toBe('judge claude · 0.80 s · $0.0004');
  });
});
