import { useState } from 'preact/hooks';
import { bytes } from '../../model/format';
import type { Json, WireSpan } from '../../wire/types';
import { Button } from '../parts/Button';
import { Copy } from '../parts/Copy';
import { JsonTree } from '../parts/JsonTree';
import { LongText } from '../parts/LongText';
import { Hidden } from './Hidden';

interface Side {
  word: string;
  value?: Json;
  /** What came, when it was not JSON. */
  text?: string;
  bytes?: number;
  /** May hold what a rule fired on. */
  hide?: string;
}

interface Props {
  span: WireSpan;
  shown: boolean;
  show: () => void;
}

/** Request, response, headers and attributes as they came. */
export function JsonPane({ span, shown, show }: Props) {
  const sides = sidesOf(span, shown);
  const [at, setAt] = useState(() => (sides.some((side) => side.word === 'Response') ? 'Response' : sides[0]?.word));
  const side = sides.find((s) => s.word === at) ?? sides[0];
  if (!side) return <p class="m">Nothing is recorded for this span.</p>;
  return (
    <>
      <div class="nb-switch" role="toolbar" aria-label="What to show">
        {sides.map((s) => (
          <Button key={s.word} aria-pressed={s === side} press={() => setAt(s.word)}>
            {s.word}
          </Button>
        ))}
        <span class="sp" />
        {side.bytes !== undefined && <span class="n m">{bytes(side.bytes)}</span>}
        {!side.hide && (
          <Copy
            label={`Copy ${side.word.toLowerCase()}`}
            text={() => side.text ?? JSON.stringify(side.value, null, 2)}
          />
        )}
      </div>
      {side.hide ? (
        <Hidden words={side.hide} button="Show it" show={show} />
      ) : side.text !== undefined ? (
        <LongText class="code" text={side.text} most={8000} />
      ) : (
        <JsonTree key={side.word} most={22} value={side.value ?? null} label={side.word} />
      )}
    </>
  );
}

function sidesOf(span: WireSpan, shown: boolean): Side[] {
  const call = span.call;
  const sides: Side[] = [];
  const add = (word: string, value: Json | undefined, more: Partial<Side> = {}) => {
    if (value !== undefined || more.text !== undefined) sides.push({ word, value, bytes: sizeOf(value), ...more });
  };
  if (call) {
    const verdict = shown ? undefined : call.verdict;
    add('Request', call.request, {
      hide: verdict?.hide && 'The request is hidden: it may hold personal data.',
      ...(call.bytes?.request !== undefined && { bytes: call.bytes.request }),
    });
    add('Response', call.response, {
      hide:
        verdict?.reason !== undefined
          ? 'The response is hidden: the policy’s reason in it may quote your text.'
          : undefined,
      ...(call.bytes?.response !== undefined && { bytes: call.bytes.response }),
      ...(call.response === undefined && call.body !== undefined && { text: call.body }),
    });
    const headers = call.attempts.at(-1)?.headers;
    add('Headers', headers && Object.keys(headers).length ? headers : undefined);
  } else {
    add('Input', span.inputs);
    add('Output', span.outputs);
  }
  add('Attributes', span.attributes && Object.keys(span.attributes).length ? span.attributes : undefined);
  return sides;
}

/** Only small values are measured: writing 10 MB to learn its length would be felt. */
function sizeOf(value: Json | undefined): number | undefined {
  if (value === undefined || value === null) return undefined;
  let left = 20_000;
  const small = (v: Json): boolean => {
    left -= typeof v === 'string' ? v.length : 8;
    if (left < 0) return false;
    return typeof v !== 'object' || v === null || Object.values(v).every(small);
  };
  return small(value) ? JSON.stringify(value).length : undefined;
}
