// @vitest-environment happy-dom
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { argsText } from '../../src/views/detail/chat/args';
import { Media, sourceOf } from '../../src/views/detail/chat/Media';
import { Prose } from '../../src/views/detail/chat/Prose';
import { definitionsOf } from '../../src/views/detail/chat/ToolDefinitions';
import { tableOf } from '../../src/views/detail/chat/table';
import { tokenPieces } from '../../src/views/detail/Tokens';
import { Copy } from '../../src/views/parts/Copy';
import { ICON_PATHS } from '../../src/views/parts/iconPaths';
import { JsonTree } from '../../src/views/parts/JsonTree';
import { wrap } from '../../src/views/parts/jsonLines';
import { cutAt } from '../../src/views/parts/LongText';
import { Markdown } from '../../src/views/parts/Markdown';
import { Trusted } from '../../src/views/parts/trust';
import type { Json } from '../../src/wire/types';
import { draw } from './draw';

afterEach(() => {
  vi.unstubAllGlobals();
  document.body.replaceChildren();
});

/** happy-dom lays nothing out. */
beforeAll(() => {
  Object.defineProperty(HTMLElement.prototype, 'clientHeight', { get: () => 400, configurable: true });
});

describe('JSON tree', () => {
  const big: Json = Array.from({ length: 100_000 }, (_, i) => ({ id: i, text: 'x'.repeat(90) }));

  it('holds 10 MB with a handful of rows in the page', async () => {
    expect(JSON.stringify(big).length).toBeGreaterThan(10_000_000);
    const view = draw(<JsonTree value={big} label="Response" />);
    await view.settle();
    expect(view.all('[role=treeitem]').length).toBeLessThan(100);
    view.key('[role=tree]', 'End');
    view.one('[role=tree]').scrollTop = 20 * 200;
    view.one('[role=tree]').dispatchEvent(new Event('scroll'));
    await view.settle();
    expect(view.text('[role=tree]')).toContain('99,900 more');
    expect(view.all('[role=treeitem]').length).toBeLessThan(100);
  });
  it('folds and unfolds by keys and keeps them from the notebook', async () => {
    const view = draw(<JsonTree value={{ a: { b: [1, 2] } }} label="Response" />);
    await view.settle();
    const lines = () => view.all('[role=treeitem]').map((el) => el.textContent);
    const before = lines();
    const event = view.key('[role=tree]', 'ArrowLeft');
    await view.settle();
    expect(event.defaultPrevented).toBe(true);
    expect(lines()).toEqual([expect.stringContaining('{ … }')]);
    view.key('[role=tree]', 'ArrowRight');
    await view.settle();
    expect(lines()).toEqual(before);
  });
  it('reads a long text in lines once it is unfolded', async () => {
    const view = draw(<JsonTree value={{ text: 'one two three\n'.repeat(100) }} label="Response" />);
    await view.settle();
    expect(view.all('[role=treeitem]')).toHaveLength(3);
    view.press('[role=treeitem]:nth-child(2)');
    await view.settle();
    expect(view.all('[role=treeitem]').length).toBeGreaterThan(25);
    expect(view.all('[role=treeitem]')[2]?.textContent).toBe('one two three');
  });
});

it('wrap keeps every character and never a longer line', () => {
  const text = `${'word '.repeat(200)}${'x'.repeat(500)}`;
  const lines = wrap(text, 40);
  expect(lines.join('')).toBe(text);
  expect(Math.max(...lines.map((l) => l.length))).toBeLessThanOrEqual(41);
});

describe('copy', () => {
  it('says "copied"', async () => {
    const writeText = vi.fn().mockResolvedValue(undefined);
    vi.stubGlobal('navigator', { clipboard: { writeText } });
    const view = draw(<Copy text="58db0e4d-1111" label="Copy request id" />);
    view.press('button');
    await view.settle();
    expect(writeText).toHaveBeenCalledWith('58db0e4d-1111');
    expect(view.text('[role=status]')).toBe('copied');
  });
  it('falls back to the old command where the clipboard is refused', async () => {
    vi.stubGlobal('navigator', { clipboard: { writeText: () => Promise.reject(new Error('denied')) } });
    let copied = '';
    document.execCommand = () => {
      copied = document.querySelector('textarea')?.value ?? '';
      return true;
    };
    const view = draw(<Copy text="abc" label="Copy" />);
    view.press('button');
    await view.settle();
    expect(copied).toBe('abc');
    expect(view.text('[role=status]')).toBe('copied');
    expect(document.querySelector('textarea')).toBeNull();
  });
});

describe('media', () => {
  const image = (url?: string) => ({ k: 'image' as const, mime: 'image/png', bytes: 1_200_000, ...(url && { url }) });

  it('shows the size, then the image at a press', async () => {
    const url = 'data:image/png;base64,iVBORw0KGgo=';
    const view = draw(<Media part={image(url)} />);
    expect(view.place.textContent).toContain('image 1.2 MB');
    expect(view.all('img')).toHaveLength(0);
    view.press('button');
    await view.settle();
    expect(view.one('img').getAttribute('src')).toBe(url);
  });
  it('names the host it would fetch from, and fetches only when told', async () => {
    const view = draw(<Media part={image('https://cdn.example/cat.png')} />);
    expect(view.all('img')).toHaveLength(0);
    expect(view.text('button')).toBe('Load from cdn.example');
  });
  it('draws no document and no local file', () => {
    for (const url of [
      'data:image/svg+xml;base64,PHN2Zz4=',
      'data:text/html,x',
      'javascript:1',
      'file:///etc/passwd',
      'http://plain.example/x.png',
      '//x',
    ]) {
      expect(sourceOf(image(url), true)).toBeNull();
    }
    expect(sourceOf(image('https://cdn.example/cat.png'), false)).toBeNull();
  });
});

describe('model text', () => {
  it('is elements and text, never markup', () => {
    const view = draw(
      <Markdown text={'# <b>x</b>\n\n<img src=x onerror=1> **bold** [a](javascript:1) [b](https://example.com)'} />,
    );
    expect(view.all('img, script')).toHaveLength(0);
    expect(view.text('h5')).toBe('<b>x</b>');
    expect(view.all('a').map((a) => [a.getAttribute('href'), a.getAttribute('rel')])).toEqual([
      ['https://example.com/', 'noopener noreferrer nofollow'],
    ]);
  });
  it('has no links in a notebook that is not trusted', () => {
    const view = draw(
      <Trusted.Provider value={false}>
        <Markdown text="[b](https://example.com)" />
      </Trusted.Provider>,
    );
    expect(view.all('a')).toHaveLength(0);
    expect(view.place.textContent).toContain('b');
  });
  it('is shown raw when asked', async () => {
    const view = draw(<Prose text={'**bold**'} />);
    expect(view.all('.nb-prose b')).toHaveLength(1);
    view.named('Raw').click();
    await view.settle();
    expect(view.text('.nb-text')).toBe('**bold**');
  });
  it('is drawn as JSON where it is JSON, with the verdict of its schema', () => {
    const value: Json = { n: 'x' };
    const view = draw(
      <Prose
        text={JSON.stringify(value)}
        structured={{ name: 'answer', ok: false, value, mismatch: { path: '/n', message: 'is no number' } }}
      />,
    );
    expect(view.text('.nb-schema')).toBe('does not fit the schemaanswer/n is no number');
    expect(view.text('[role=tree]')).toContain('"x"');
  });
  it('is cut with what is left, and whole at a press', async () => {
    const view = draw(<Prose text={'word '.repeat(2000)} />);
    expect(view.text('.nb-more')).toMatch(/^[\d,]+ more$/);
    view.press('.nb-more');
    await view.settle();
    expect(view.all('.nb-more')).toHaveLength(0);
  });
});

it('cuts never between the halves of a character', () => {
  const text = '😀'.repeat(5000);
  expect(cutAt(text, 101) % 2).toBe(0);
});

it('writes arguments as a call would', () => {
  expect(argsText('{"query":"SELECT 1"}')).toBe('"SELECT 1"');
  expect(argsText('{"a":1,"b":["x"]}')).toBe('a=1, b=["x"]');
  expect(argsText('{"a":')).toBe('{"a":');
  expect(argsText('{}')).toBe('');
});

it('takes rows for a table only where they are alike and flat', () => {
  expect(tableOf([{ a: 1 }, { a: 2 }])?.rows).toEqual([['1'], ['2']]);
  expect(
    tableOf({
      rows: [
        { a: 'x', b: 1204 },
        { a: 'y', b: null },
      ],
    })?.columns,
  ).toEqual([
    { name: 'a', numeric: false },
    { name: 'b', numeric: true },
  ]);
  expect(tableOf([{ a: 1 }, { b: 2 }])).toBeNull();
  expect(tableOf([{ a: { b: 1 } }, { a: { b: 2 } }])).toBeNull();
});

it('splits tokens into parts that add up', () => {
  const pieces = tokenPieces({ in: 100, out: 50, cached: 40, cache_write: 10, reasoning: 20 });
  expect(pieces.map((p) => [p.word, p.n])).toEqual([
    ['input', 50],
    ['written to cache', 10],
    ['cached', 40],
    ['reasoning', 20],
    ['output', 30],
  ]);
  expect(tokenPieces({ in: 5, cached: 9 }).reduce((sum, p) => sum + p.n, 0)).toBe(5);
});

it('reads tool definitions of every API', () => {
  const names = definitionsOf([
    { type: 'function', function: { name: 'chat_form', parameters: {} } },
    { type: 'function', name: 'responses_form', parameters: {} },
    { name: 'anthropic_form', input_schema: {} },
    { functionDeclarations: [{ name: 'gemini_one' }, { name: 'gemini_two' }] },
    { type: 'web_search' },
  ]).map((d) => d.name);
  expect(names).toEqual(['chat_form', 'responses_form', 'anthropic_form', 'gemini_one', 'gemini_two', 'web_search']);
});

it('draws every icon inside its box', () => {
  for (const path of Object.values(ICON_PATHS)) expect(path).toMatch(/^M[\d.\- a-zA-Z,]+$/);
});
