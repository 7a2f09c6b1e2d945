import { describe, expect, it } from 'vitest';
import { iconOf, kindOf, shortModel, statusWord, typeIcon } from '../../src/model/kind';
import { buildTree } from '../../src/model/tree';
import * as words from '../../src/model/words';
import { chat, span, wire } from './make';

describe('sentences', () => {
  it('of what was not traced, cut or saved', () => {
    expect(words.emptyLine(wire([], { other: 3 })).join(' ')).toBe(
      'No model call in this cell. 3 other HTTP requests were left alone.',
    );
    expect(words.emptyLine(wire([], { other: 1 }))[1]).toBe('1 other HTTP request was left alone.');
    expect(words.emptyLine(wire([]))).toEqual(['No model call in this cell.', '']);
    const cut = wire(
      Array.from({ length: 200 }, (_, i) => span(`s${i}`, i, 1)),
      { cut: { spans: 3412, bytes: 1_000_000 } },
    );
    expect(words.cutLine(cut)?.join('')).toBe(
      'The first 200 of 3,412 spans are saved here, 1.0 MB. Run the cell to see all.',
    );
    expect(words.cutLine(wire([]))).toBeNull();
    const failed = wire([], {
      failed: { count: 2, first: 'body was read before the hook.' },
      totals: { spans: 0, calls: 410 },
    });
    expect(words.failedLine(failed)?.join(' ')).toBe(
      '2 of 412 calls could not be recorded. Your calls were not touched. First: body was read before the hook.',
    );
    const sent = (more: object) => words.exportLine(wire([], { export: { to: 'sqlite:///x.db', ...more } }))?.join('');
    expect(words.exportLine(wire([]))).toBeNull();
    expect(sent({ exported: 4 })).toBe('MLflow: 4 exported, sqlite:///x.db');
    expect(sent({ exported: 1, pending: 2, failed: 3, why: 'no' })).toBe(
      'MLflow: 1 exported · 2 pending · 3 failed, sqlite:///x.db: no',
    );
    expect(words.savedLine(wire([], { saved: '2026-10-14T14:02:00' }))).toBe('saved 14 Oct, 14:02');
    expect(words.savedLine(wire([]))).toBe('saved');
    expect(words.filteredLine(25)).toBe('All 25 spans are filtered out. Clear.');
    expect(words.foldedLine(93, 10_000)).toBe('93 rows stand for 10,000 spans');
    expect(words.matchLine(13, 212)).toBe('14 of 212');
    expect(words.matchLine(null, 0)).toBe('No match. Esc clears.');
    expect(words.retryLine(429, 600)).toBe('429, next try in 0.6 s');
    expect(words.retryLine('timeout', -1)).toBe('timeout, trying again');
    expect(words.noPrice('databricks-support-ft')).toBe('no price for support-ft');
  });

  it('of a header', () => {
    const totals = { spans: 1, calls: 1, in: 15_100, out: 1674, usd: 0.044 };
    expect(words.tokensPiece(totals)).toEqual({ text: '15.1k → 1,674 tokens' });
    expect(words.tokensPiece({ spans: 1, calls: 1, in: 1920, out: 0, est: true }, 'tok')).toMatchObject({
      text: '1,920 tok',
      dotted: true,
    });
    expect(words.tokensPiece({ spans: 1, calls: 1 })).toBeNull();
    expect(words.costPiece(totals)).toMatchObject({ text: '$0.044', dotted: true });
    expect(words.costPiece({ usd: 0.057, partial: true })?.text).toBe('≥ $0.057');
    expect(words.costPiece({})).toBeNull();
  });

  it('of a row', () => {
    const tree = buildTree(
      [
        span('gather', 1620, 1510),
        span('run_sql', 1630, 390, { parent: 'gather', type: 'TOOL', status: 'error' }),
        chat('chat', 1640, 2410, { parent: 'gather' }, { attempts: [{ at: 0 }, { at: 5 }] }),
        span('later', 9000, undefined, { status: 'running', hint: 'k 8' }),
      ],
      10_000,
    );
    const label = (id: string) => words.rowLabel(tree.byId.get(id) ?? buildTree([], 0).order[0] ?? fail());
    expect(label('run_sql')).toBe('run_sql, tool, error, 0.39 s, from 1.63 s');
    expect(label('chat')).toBe('chat, model call, ok after 1 retry, 2.41 s, from 1.64 s');
    expect(label('later')).toBe('later, step, running, not ended, from 9.00 s');
    const [gather, later] = tree.roots;
    expect(gather && words.rowHint(gather)).toBe('2 in parallel');
    expect(later && words.rowHint(later)).toBe('k 8');
    expect(gather).toMatchObject({ errors: 1, held: 0 });
  });
});

function fail(): never {
  throw new Error('no such row');
}

describe('kinds', () => {
  it.each([
    ['CHAT_MODEL', 'model', 'model'],
    ['llm', 'model', 'model'],
    ['TOOL', 'tool', 'tool'],
    ['RETRIEVER', 'data', 'data'],
    ['EMBEDDING', 'data', 'embed'],
    ['RERANKER', 'data', 'data'],
    ['AGENT', 'flow', 'agent'],
    ['SOMETHING', 'flow', 'chain'],
  ])('%s is %s', (type, kind, icon) => {
    expect(kindOf(span('a', 0, 1, { type }))).toBe(kind);
    expect(typeIcon(span('a', 0, 1, { type }))).toBe(icon);
  });

  it('a call of an unknown type is a model call', () => {
    expect(kindOf(chat('a', 0, 1, { type: 'WHAT' }))).toBe('model');
  });

  it('status has a word and an icon, ok has neither', () => {
    const of = (status: 'error' | 'blocked' | 'rate_limited' | 'interrupted' | 'running' | 'ok', inner = {}) => {
      const one = chat('a', 0, 1, { status }, inner);
      return [statusWord(one), iconOf(one)];
    };
    expect(of('ok')).toEqual(['', 'model']);
    expect(of('error', { code: 400 })).toEqual(['error 400', 'error']);
    expect(of('error', { code: 200 })).toEqual(['error', 'error']);
    expect(of('blocked')).toEqual(['blocked', 'shield']);
    expect(of('blocked', { verdict: { kind: 'budget', title: '' } })).toEqual(['over budget', 'coin']);
    expect(of('rate_limited')).toEqual(['rate limited', 'gauge']);
    expect(of('interrupted')).toEqual(['interrupted', 'stop']);
    expect(of('running')).toEqual(['running', 'model']);
    expect(statusWord(span('a', 0, 1, { error: { message: 'x' } }))).toBe('error');
  });

  it('cuts what all names share', () => {
    expect(shortModel('databricks-claude-haiku-4-5')).toBe('claude-haiku-4-5');
    expect(shortModel('system.ai.databricks-gpt-5')).toBe('gpt-5');
    expect(shortModel('system.ai.gpt-5')).toBe('gpt-5');
    expect(shortModel('databricks-')).toBe('databricks-');
  });
});
