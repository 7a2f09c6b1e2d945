/** The inside of a paragraph: emphasis, code, links. Links go to http, https and mailto, or stay text. */
import { backticksOf, closersOf, firstFrom, isSpace, isWord, matchesOf, runOf } from './pairs';

export type Inline =
  | { k: 'text'; text: string }
  | { k: 'code'; text: string }
  | { k: 'strong' | 'em' | 'strike'; inline: Inline[] }
  | { k: 'link'; href: string; inline: Inline[] }
  | { k: 'break' };

/** Marks nest to here; deeper ones stay text. */
const DEEPEST = 8;
/** Longer addresses are text. */
const LONGEST_LINK = 2_000;
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

export function inlines(text: string): Inline[] {
  return new Parser(text, 0).run();
}

interface Taken {
  node: Inline;
  next: number;
}

/** One text, read once; partners of marks and brackets are found beforehand, so no search is made twice. */
class Parser {
  private readonly closers = new Map<string, number[]>();
  private backticks: Map<number, number[]> | undefined;
  private brackets: Int32Array | undefined;
  private nextAngle = -1;

  constructor(
    private readonly text: string,
    private readonly depth: number,
  ) {}

  run(): Inline[] {
    const out: Inline[] = [];
    let plain = '';
    const flush = () => {
      if (plain) out.push({ k: 'text', text: plain });
      plain = '';
    };
    const { text } = this;
    for (let i = 0; i < text.length; ) {
      const c = text.charAt(i);
      if (c === '\\' && PUNCTUATION.includes(text[i + 1] ?? ' ')) {
        plain += text.charAt(i + 1);
        i += 2;
        continue;
      }
      const taken = this.mark(c, i);
      if (taken?.node.k === 'text') {
        plain += taken.node.text;
        i = taken.next;
      } else if (taken) {
        if (taken.node.k === 'break') plain = plain.trimEnd();
        flush();
        out.push(taken.node);
        i = taken.next;
      } else {
        const length = '*_~`'.includes(c) ? runOf(text, i, c) : 1;
        plain += text.slice(i, i + length);
        i += length;
      }
    }
    flush();
    return out;
  }

  private mark(c: string, i: number): Taken | null {
    switch (c) {
      case '\n':
        return this.lineBreak(i);
      case '`':
        return this.code(i);
      case '*':
      case '_':
      case '~':
        return this.depth < DEEPEST ? this.emphasis(c, i) : null;
      case '[':
        return this.depth < DEEPEST ? this.link(i, i) : null;
      case '!':
        return this.depth < DEEPEST && this.text[i + 1] === '[' ? this.link(i, i + 1) : null;
      case '<':
        return this.autolink(i);
      case 'h':
        return this.bareUrl(i);
      default:
        return null;
    }
  }

  /** Two spaces or a backslash before the end of the line. */
  private lineBreak(i: number): Taken | null {
    const hard = this.text.startsWith('  ', i - 2) && i >= 2;
    return hard ? { node: { k: 'break' }, next: i + 1 } : null;
  }

  private code(i: number): Taken | null {
    const length = runOf(this.text, i, '`');
    this.backticks ??= backticksOf(this.text);
    const end = firstFrom(this.backticks.get(length) ?? [], i + length);
    if (end < 0) return null;
    let text = this.text.slice(i + length, end).replaceAll('\n', ' ');
    if (text.startsWith(' ') && text.endsWith(' ') && text.trim()) text = text.slice(1, -1);
    return { node: { k: 'code', text }, next: end + length };
  }

  /** `**strong**`, `*em*`, `~~strike~~`; `_` not inside a word. */
  private emphasis(c: string, i: number): Taken | null {
    const { text } = this;
    const run = runOf(text, i, c);
    if (run > 3 || (c === '~' && run !== 2) || isSpace(text[i + run])) return null;
    if (c === '_' && isWord(text[i - 1])) return null;
    const length = run >= 2 ? 2 : 1;
    const start = i + length;
    let end = this.closing(c.repeat(length), start + (run === 3 ? 1 : 0));
    if (end <= start) return null;
    // `**a *b***`: the strong closes with the last two.
    while (length === 2 && text[end + 2] === c) end++;
    // `*a **b***`: the last of three is this one's.
    if (length === 1 && runOf(text, end, c) === 3) end += 2;
    const kind = c === '~' ? 'strike' : length === 2 ? 'strong' : 'em';
    return { node: { k: kind, inline: this.inside(start, end) }, next: end + length };
  }

  private inside(from: number, to: number): Inline[] {
    return new Parser(this.text.slice(from, to), this.depth + 1).run();
  }

  /** Place of the next mark that can close, or −1. */
  private closing(mark: string, from: number): number {
    let places = this.closers.get(mark);
    if (!places) {
      places = closersOf(this.text, mark);
      this.closers.set(mark, places);
    }
    return firstFrom(places, from);
  }

  private link(i: number, open: number): Taken | null {
    this.brackets ??= matchesOf(this.text);
    const close = this.brackets[open] ?? 0;
    if (!close || this.text[close + 1] !== '(') return null;
    const end = this.brackets[close + 1] ?? 0;
    if (!end || end - close > LONGEST_LINK) return null;
    const target = this.text.slice(close + 2, end).trim();
    const bare = target.startsWith('<') ? target.slice(1, target.indexOf('>')) : (target.split(/\s/, 1)[0] ?? '');
    const href = safeHref(bare);
    // What may not be followed is shown as it was written, so that nothing is hidden.
    if (!href) return { node: { k: 'text', text: this.text.slice(i, end + 1) }, next: end + 1 };
    const inline = this.inside(open + 1, close).map(unlinked);
    return { node: { k: 'link', href, inline: inline.length ? inline : [{ k: 'text', text: bare }] }, next: end + 1 };
  }

  /** `<https://…>`; any other tag is text. */
  private autolink(i: number): Taken | null {
    if (this.nextAngle < i && this.nextAngle !== Number.POSITIVE_INFINITY) {
      const found = this.text.indexOf('>', i);
      this.nextAngle = found < 0 ? Number.POSITIVE_INFINITY : found;
    }
    const end = this.nextAngle;
    if (end - i > LONGEST_LINK) return null;
    const target = this.text.slice(i + 1, end);
    const href = /[\s<]/.test(target) ? null : safeHref(target);
    return href ? { node: { k: 'link', href, inline: [{ k: 'text', text: target }] }, next: end + 1 } : null;
  }

  private bareUrl(i: number): Taken | null {
    const { text } = this;
    if (isWord(text[i - 1]) || !(text.startsWith('http://', i) || text.startsWith('https://', i))) return null;
    let end = i;
    while (end < text.length && !isSpace(text[end]) && !'<>"`|'.includes(text.charAt(end))) end++;
    const last = end;
    let open = 0;
    for (let j = i; j < end; j++) open += text[j] === '(' ? 1 : text[j] === ')' ? -1 : 0;
    // A full stop or bracket after an address belongs to the sentence.
    for (; end > i; end--) {
      const c = text.charAt(end - 1);
      if (c === ')' && open < 0) open++;
      else if (!".,;:!?'*_~]}".includes(c)) break;
    }
    const target = text.slice(i, end);
    const href = safeHref(target);
    if (!href) return { node: { k: 'text', text: text.slice(i, last) }, next: last };
    return { node: { k: 'link', href, inline: [{ k: 'text', text: target }] }, next: end };
  }
}

/** No link inside a link. */
function unlinked(node: Inline): Inline {
  return node.k === 'link' ? { k: 'text', text: plainText(node.inline) } : node;
}

export function plainText(nodes: readonly Inline[]): string {
  return nodes
    .map((node) => ('inline' in node ? plainText(node.inline) : node.k === 'break' ? '\n' : node.text))
    .join('');
}

/**
 * The address as the browser will read it, or null. Only after `URL` has taken out what it ignores
 * (tabs, control characters) is the scheme known.
 */
export function safeHref(target: string): string | null {
  if (!target || target.length > LONGEST_LINK) return null;
  try {
    const url = new URL(target);
    if (url.protocol === 'mailto:') return url.href;
    if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
    // A name before the @ makes an address look like another's.
    return url.username || url.password ? null : url.href;
  } catch {
    return null;
  }
}
