import type { ComponentChild } from 'preact';

const MARK = /`([^`]+)`|\*\*([^*]+)\*\*/g;

/** Our own sentences may mark `code` and **names**; everything else is text. */
export function inlineWords(sentence: string): ComponentChild[] {
  const out: ComponentChild[] = [];
  let at = 0;
  for (const m of sentence.matchAll(MARK)) {
    out.push(sentence.slice(at, m.index));
    out.push(m[1] !== undefined ? <code key={m.index}>{m[1]}</code> : <b key={m.index}>{m[2]}</b>);
    at = m.index + m[0].length;
  }
  out.push(sentence.slice(at));
  return out;
}

const MASK = /<([A-Z][A-Z0-9_]+)>|\b([A-Z]{2,}(?:_[A-Z]+)+)\b/g;

/** The gateway's copy: `<EMAIL_ADDRESS>` stands for what it took out. */
export function Masked({ text }: { text: string }) {
  const out: ComponentChild[] = [];
  let at = 0;
  for (const m of text.matchAll(MASK)) {
    out.push(text.slice(at, m.index));
    out.push(
      <span key={m.index} class="nb-mask">
        {m[1] ?? m[2]}
      </span>,
    );
    at = m.index + m[0].length;
  }
  out.push(text.slice(at));
  return <>{out}</>;
}
