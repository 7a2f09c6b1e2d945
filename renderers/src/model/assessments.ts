/** Judgements in words: what a pill says, and whether it is bad news. */
import type { Assessment, Json } from '../wire/types';
import { duration, usd } from './format';
import { shortModel } from './kind';
import { own } from './own';

const BAD = /^(?:no|false|fail(?:ed)?|bad|incorrect|unsafe|wrong|poor)$/i;
const GOOD = /^(?:yes|true|pass(?:ed)?|good|correct|safe|ok)$/i;

/** `undefined`: a value that is neither good nor bad by itself, such as a score. */
export function isGood(one: Assessment): boolean | undefined {
  if (one.good !== undefined) return one.good;
  if (typeof one.value === 'boolean') return one.value;
  if (typeof one.value !== 'string') return undefined;
  return BAD.test(one.value.trim()) ? false : GOOD.test(one.value.trim()) ? true : undefined;
}

/** `yes`, `0.92`; what is long stands in the reason. */
export function valueWord(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return String(Math.round(value * 100) / 100);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

/** `judge claude-haiku-4-5 · 0.80 s · $0.0004`, `analyst@example.com`, `code`. */
export function sourceWords(one: Assessment): string {
  const { judge } = one;
  const who = judge?.model ?? one.source_id;
  const name = who && (one.source === 'LLM_JUDGE' ? shortModel(who) : who);
  const words = {
    HUMAN: name ?? 'a person',
    LLM_JUDGE: `judge ${name ?? ''}`.trim(),
    CODE: name ? `code ${name}` : 'code',
  };
  const facts = [
    own(words, one.source) ?? String(one.source),
    judge?.ms === undefined ? '' : duration(judge.ms),
    judge?.usd === undefined ? '' : usd(judge.usd),
    one.queued ? 'waits for the tracking server' : '',
  ];
  return facts.filter(Boolean).join(' · ');
}
