import { useMemo, useState } from 'preact/hooks';
import { count, whole } from '../../../model/format';
import { partsOf, vectorsLine } from '../../../model/message';
import { checkStructured, type Structured } from '../../../model/structured';
import type { WireCall, WireMessage, WirePart } from '../../../wire/types';
import { Button } from '../../parts/Button';
import { Fold } from '../../parts/Fold';
import { JsonTree } from '../../parts/JsonTree';
import { LongText } from '../../parts/LongText';
import { Media } from './Media';
import { Prose } from './Prose';
import { ToolBox } from './ToolBox';

interface Props {
  message: WireMessage;
  call: WireCall;
  /** The text is still coming. */
  growing?: boolean;
  /** Draw tool calls and results too; else they have rows of their own. */
  tools?: boolean;
  /** Which answer of the call it is. */
  choice?: number;
}

/** Everything one message holds, in its order. */
export function MessageBody({ message, call, growing, tools, choice }: Props) {
  const parts = partsOf(message);
  const structured = useMemo(
    () => (choice === undefined || growing ? null : checkStructured(call, choice)),
    [call, choice, growing],
  );
  // Inputs of an embedding: alike, and at times thousands.
  if (parts.length > 1 && parts.every((p) => p.k === 'text') && message.role === 'input')
    return <Texts parts={parts} />;
  return (
    <>
      {parts.map((part, i) => (
        <Part
          key={i}
          part={part}
          structured={structured}
          call={call}
          growing={Boolean(growing) && i === parts.length - 1}
          tools={tools}
        />
      ))}
    </>
  );
}

interface PartProps {
  part: WirePart;
  structured: Structured | null;
  call: WireCall;
  growing: boolean;
  tools?: boolean;
}

function Part({ part, structured, call, growing, tools }: PartProps) {
  switch (part.k) {
    case 'text':
      return <Prose text={part.text} structured={structured} growing={growing} />;
    case 'reasoning':
      return <Reasoning text={part.text} call={call} growing={growing} />;
    case 'refusal':
      return (
        <div class="nb-refusal hold">
          <b>Refused</b> <LongText text={part.text} />
        </div>
      );
    case 'tool_call':
      return tools ? <ToolBox row={{ k: 'tool', name: part.name, args: part.args, index: 0 }} /> : null;
    case 'tool_result':
      return tools ? <LongText text={part.text} most={600} class={part.error ? 'err' : undefined} /> : null;
    case 'vectors':
      return <p>{vectorsLine(part)}</p>;
    case 'json':
      return <JsonTree value={part.value} label="Content" most={12} />;
    case 'image':
    case 'audio':
    case 'file':
      return <Media part={part} />;
    default:
      // A kind a newer kernel sends: shown as what it is.
      return <JsonTree value={part} label="Content" most={12} />;
  }
}

function Reasoning({ text, call, growing }: { text: string; call: WireCall; growing: boolean }) {
  const n = call.tokens?.reasoning;
  const size = n ? `${whole(n)} tok` : `${whole(text.length)} characters`;
  return (
    <Fold line={growing ? 'Reasoning …' : 'Reasoning'} size={size}>
      {() => <Prose text={text || 'The provider sent no text for it.'} />}
    </Fold>
  );
}

const TEXTS = 20;

function Texts({ parts }: { parts: WirePart[] }) {
  const [shown, setShown] = useState(TEXTS);
  return (
    <>
      <ol class="nb-texts">
        {parts.slice(0, shown).map((part, i) => (
          <li key={i}>
            <LongText text={'text' in part ? part.text : ''} most={300} />
          </li>
        ))}
      </ol>
      {parts.length > shown && (
        <Button class="nb-more" press={() => setShown(shown + 10 * TEXTS)}>
          {count(parts.length - shown, 'more text', 'more texts')}
        </Button>
      )}
    </>
  );
}
