import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Inline, inlines, plainText, safeHref } from '../../src/model/inline';
import { type Block, markdown } from '../../src/model/markdown';

const ATTACKS = [
  '[x](javascript:alert(1))',
  '[x](JaVaScRiPt:alert(1))',
  '[x]( javascript:alert(1))',
  '[x](java\tscript:alert(1))',
  '[x](java\nscript:alert(1))',
  '[x](\u0001javascript:alert(1))',
  '[x](&#106;avascript:alert(1))',
  '[x](data:text/html;base64,PHNjcmlwdD4=)',
  '[x](vbscript:msgbox)',
  '[x](file:///etc/passwd)',
  '[x](blob:https://a/b)',
  '[x](//evil.example)',
  '[x](/relative)',
  '[x](https://user:pass@evil.example)',
  '[x](https://google.com@evil.example)',
  '[x](<javascript:alert(1)>)',
  '[x](view-source:https://a)',
  '[x](about:blank)',
  '[x](ws://a)',
  '[x](https:javascript:1)',
  '<javascript:alert(1)>',
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<a href="javascript:alert(1)">x</a>',
  '<https://a" onmouseover="x>',
  '![x](javascript:alert(1))',
  '![x](https://tracker.example/pixel.png)',
  '[![x](https://a/b.png)](javascript:alert(1))',
  '[a]: javascript:alert(1)\n[a]',
  '`[x](javascript:alert(1))`',
  '<div data-commandlinker-command="x">',
  'javascript:alert(1)',
  'https://a.example/"onclick="x',
  '| [x](javascript:1) |\n|-|\n| <img src=x> |',
];

function allInline(blocks: readonly Block[]): Inline[] {
  const found: Inline[] = [];
  const inside = (nodes: readonly Inline[]): void => {
    for (const node of nodes) {
      found.push(node);
      if ('inline' in node) inside(node.inline);
    }
  };
  const walk = (list: readonly Block[]): void => {
    for (const block of list) {
      if ('inline' in block) inside(block.inline);
      if (block.k === 'quote') walk(block.blocks);
      if (block.k === 'list') for (const item of block.items) walk(item.blocks);
      if (block.k === 'table') for (const cell of [block.head, ...block.rows].flat()) inside(cell);
    }
  };
  walk(blocks);
  return found;
}

const hrefs = (text: string) => allInline(markdown(text)).flatMap((node) => (node.k === 'link' ? [node.href] : []));
const one = (text: string) => markdown(text)[0];

describe('links', () => {
  it.each(ATTACKS)('%s goes nowhere else', (text) => {
    for (const href of hrefs(text)) expect(href).toMatch(/^(https?:\/\/[^@]*$|mailto:)/);
  });

  it('only ever go to http, https and mailto, whatever stands around them', () => {
    const piece = fc.oneof(
      fc.constantFrom(...ATTACKS, '[', ']', '(', ')', '<', '>', '*', '_', '`', '\\', '\n', '|', '> ', '- ', ' ', '!'),
      fc.string({ maxLength: 6 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        for (const href of hrefs(pieces.join(''))) {
          const url = new URL(href);
          expect(['http:', 'https:', 'mailto:']).toContain(url.protocol);
          expect(url.username).toBe('');
        }
      }),
      { numRuns: 800 },
    );
  });

  it('leave what they refuse as it was written', () => {
    expect(one('[x](javascript:alert(1))')).toEqual({
      k: 'paragraph',
      inline: [{ k: 'text', text: '[x](javascript:alert(1))' }],
    });
    expect(safeHref('javascript:alert(1)')).toBeNull();
  });

  it('are found as written, in angle brackets, bare, and in images', () => {
    expect(
      hrefs(
        '[a](https://a.example "title") <https://b.example> https://c.example/x(y). ![p](http://d.example/p.png) <mailto:a@b.c>',
      ),
    ).toEqual([
      'https://a.example/',
      'https://b.example/',
      'https://c.example/x(y)',
      'http://d.example/p.png',
      'mailto:a@b.c',
    ]);
    expect(inlines('(see https://a.example/b).')).toMatchObject([
      { text: '(see ' },
      { k: 'link', href: 'https://a.example/b' },
      { text: ').' },
    ]);
    expect(inlines('[**b** [c](https://c.example)](https://a.example)')).toMatchObject([
      {
        k: 'link',
        href: 'https://a.example/',
        inline: [{ k: 'strong' }, { k: 'text', text: ' ' }, { k: 'text', text: 'c' }],
      },
    ]);
  });
});

describe('inline', () => {
  it.each([
    ['**a** _b_ ~~c~~ `d`', ['strong', 'text', 'em', 'text', 'strike', 'text', 'code']],
    ['***a***', ['strong']],
    ['snake_case_name', ['text']],
    ['2 * 3 * 4', ['text']],
    ['**open', ['text']],
    ['\\*a\\*', ['text']],
    ['``a ` b``', ['code']],
    ['a  \nb', ['text', 'break', 'text']],
    ['<b>a</b>', ['text']],
  ])('%s', (text, kinds) => expect(inlines(text).map((node) => node.k)).toEqual(kinds));

  it('nests', () => {
    expect(inlines('**a *b***')).toEqual([
      {
        k: 'strong',
        inline: [
          { k: 'text', text: 'a ' },
          { k: 'em', inline: [{ k: 'text', text: 'b' }] },
        ],
      },
    ]);
    expect(inlines('*a **b***')).toEqual([
      {
        k: 'em',
        inline: [
          { k: 'text', text: 'a ' },
          { k: 'strong', inline: [{ k: 'text', text: 'b' }] },
        ],
      },
    ]);
    expect(inlines('***a***')).toEqual([{ k: 'strong', inline: [{ k: 'em', inline: [{ k: 'text', text: 'a' }] }] }]);
  });

  it('loses no letter', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'b', ' ', '*', '_', '`', '[', ']', '(', ')', '<', '>', '~', '!'),
    });
    fc.assert(
      fc.property(text, (written) => {
        const letters = (s: string) => s.replace(/[^ab]/g, '');
        expect(letters(plainText(inlines(written)))).toBe(letters(written));
      }),
      { numRuns: 400 },
    );
  });
});

describe('blocks', () => {
  it('reads what models write', () => {
    const text = [
      '# Title #',
      '',
      'One',
      'two',
      '- a',
      '  1. b',
      '     more',
      '  2. c',
      '- [x] d',
      '',
      '> quote',
      '> - q',
      '',
      '```python',
      'x = 1',
      '',
      '```',
      '',
      '| A | B |',
      '|:--|--:|',
      '| 1 | `a|b` |',
      '',
      '---',
      '1) one',
      '2) two',
    ].join('\n');
    expect(markdown(text)).toMatchObject([
      { k: 'heading', level: 1, inline: [{ text: 'Title' }] },
      { k: 'paragraph', inline: [{ text: 'One\ntwo' }] },
      {
        k: 'list',
        ordered: false,
        items: [
          {
            blocks: [
              { k: 'paragraph' },
              { k: 'list', ordered: true, items: [{ blocks: [{ inline: [{ text: 'b\nmore' }] }] }, {}] },
            ],
          },
          { checked: true, blocks: [{ inline: [{ text: 'd' }] }] },
        ],
      },
      { k: 'quote', blocks: [{ k: 'paragraph' }, { k: 'list' }] },
      { k: 'code', lang: 'python', text: 'x = 1\n' },
      { k: 'table', align: ['left', 'right'], rows: [[[{ text: '1' }], [{ k: 'code', text: 'a|b' }]]] },
      { k: 'rule' },
      { k: 'list', ordered: true, start: 1, items: [{}, {}] },
    ]);
  });

  it('keeps the text of an unclosed fence, of HTML and of what looks like a list', () => {
    expect(markdown('```\na\n*b*')).toEqual([{ k: 'code', lang: '', text: 'a\n*b*' }]);
    expect(markdown('<div>\n**x**')).toMatchObject([
      { k: 'paragraph', inline: [{ text: '<div>\n' }, { k: 'strong' }] },
    ]);
    expect(markdown('It was\n1986. A year')).toHaveLength(1);
    expect(markdown('-no list')).toMatchObject([{ k: 'paragraph' }]);
    expect(markdown('')).toEqual([]);
  });

  it('keeps loose lists and code in them together', () => {
    expect(markdown('- a\n\n  ```sh\n  ls\n  ```\n\n- b')).toMatchObject([
      {
        k: 'list',
        items: [
          { blocks: [{ k: 'paragraph' }, { k: 'code', lang: 'sh', text: 'ls' }] },
          { blocks: [{ k: 'paragraph' }] },
        ],
      },
    ]);
  });

  it('loses no letter of any text', () => {
    const line = fc.constantFrom(
      'a',
      '# b',
      '> c',
      '- d',
      '  - e',
      '1. f',
      '    g',
      '```',
      '| h | i |',
      '|---|---|',
      '',
      '---',
      '\tj',
      '* * *',
      '> > k',
      '-',
      '1.',
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const text = lines.join('\n');
        const shown: string[] = [];
        const walk = (blocks: readonly Block[]): void => {
          for (const block of blocks) {
            if ('inline' in block) shown.push(plainText(block.inline));
            else if (block.k === 'code') shown.push(block.lang, block.text);
            else if (block.k === 'quote') walk(block.blocks);
            else if (block.k === 'list') for (const item of block.items) walk(item.blocks);
            else if (block.k === 'table')
              for (const cell of [block.head, ...block.rows].flat()) shown.push(plainText(cell));
          }
        };
        walk(markdown(text));
        const letters = (s: string) => s.replace(/[^a-k]/g, '');
        expect(letters(shown.join(''))).toBe(letters(text));
      }),
      { numRuns: 400 },
    );
  });

  it('does not look twice: ten times the text makes no more than ten times the nodes, and ends', () => {
    const heavy = [
      '[',
      '*',
      '**a ',
      '_a ',
      '`a',
      '<',
      '<a',
      '[a](',
      '![',
      '> ',
      '- ',
      '- a\n',
      '|',
      '```\n',
      'http://[',
      '~~a ',
      '\\',
      '**a _b ~~c [d](e) `f ',
      '***a',
      '(*',
      'a|b\n-|-\n',
      '> - ',
    ];
    for (const piece of heavy) expect(markdown(piece.repeat(10_000)).length).toBeGreaterThan(0);
    expect(markdown(Array.from({ length: 1400 }, (_, i) => '`'.repeat(i + 1)).join(' '))).toHaveLength(1);
    expect(markdown(Array.from({ length: 1400 }, (_, i) => `${' '.repeat(i)}- a`).join('\n'))).toHaveLength(1);
    expect(markdown('>'.repeat(100_000))).toHaveLength(1);
  });
});
