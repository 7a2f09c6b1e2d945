import { useMemo, useState } from 'preact/hooks';
import { markdown } from '../../../model/markdown';
import type { Structured } from '../../../model/structured';
import type { Json } from '../../../wire/types';
import { Button } from '../../parts/Button';
import { JsonTree } from '../../parts/JsonTree';
import { LongText, MoreText, solid, useCut } from '../../parts/LongText';
import { Markdown } from '../../parts/Markdown';
import { Schema } from './Schema';

interface Props {
  text: string;
  /** The text is still coming: its end is shown. */
  growing?: boolean;
  /** The answer had to keep to a schema. */
  structured?: Structured | null;
}

/** Characters shown before the cut. */
const MOST = 4000;
/** Above this a text is not read as JSON before it is asked for. */
const PARSE_MOST = 1_000_000;

/** A message's text: as markdown, as JSON where it is JSON, or as it came. */
export function Prose({ text, growing, structured }: Props) {
  const [raw, setRaw] = useState(false);
  const json = useMemo(() => (growing ? undefined : (structured?.value ?? jsonOf(text))), [text, growing, structured]);
  const rich = json !== undefined || isRich(text);
  return (
    <div class="nb-said">
      {rich && !growing && <How raw={raw} json={json !== undefined} choose={setRaw} />}
      {structured && <Schema of={structured} />}
      {growing ? (
        <Growing text={text} />
      ) : raw ? (
        <LongText text={text} most={MOST} class="raw" />
      ) : json !== undefined ? (
        <JsonTree value={json} label="Answer as JSON" most={16} />
      ) : (
        <Rendered text={text} />
      )}
    </div>
  );
}

function Rendered({ text }: { text: string }) {
  const cut = useCut(text, MOST);
  return (
    <>
      <div class={`nb-prose${solid(cut.text)}`}>
        <Markdown text={cut.text} />
      </div>
      <MoreText left={cut.left} more={cut.more} />
    </>
  );
}

function Growing({ text }: { text: string }) {
  const end = text.length > MOST ? `…${text.slice(-MOST)}` : text;
  return (
    <div class={`nb-prose growing${solid(end)}`}>
      <Markdown text={end} />
    </div>
  );
}

function How({ raw, json, choose }: { raw: boolean; json: boolean; choose: (raw: boolean) => void }) {
  const button = (word: string, value: boolean) => (
    <Button aria-pressed={raw === value} press={() => choose(value)}>
      {word}
    </Button>
  );
  return (
    <span class="nb-how" role="toolbar" aria-label="Show the text as">
      {button(json ? 'JSON' : 'Markdown', false)}
      {button('Raw', true)}
    </span>
  );
}

/** Whether markdown shows anything that the bare text does not. */
function isRich(text: string): boolean {
  if (!/[*_`#>|[\]~\\-]|^\s*\d+[.)]/m.test(text)) return false;
  return markdown(text.slice(0, MOST)).some(
    (b) => b.k !== 'paragraph' || b.inline.some((i) => i.k !== 'text' && i.k !== 'break'),
  );
}

/** Only objects and lists: a number or a word reads best as text. */
function jsonOf(text: string): Json | undefined {
  if (text.length > PARSE_MOST || !/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
