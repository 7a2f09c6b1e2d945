import { duration } from '../../model/format';
import type { Json, WireSpan } from '../../wire/types';
import { brief } from '../parts/brief';
import { Fold } from '../parts/Fold';
import { Icon } from '../parts/Icon';
import { JsonTree } from '../parts/JsonTree';
import { LongText } from '../parts/LongText';
import { Said } from './chat/Chat';
import { Documents, documentsOf } from './chat/Documents';
import { Prose } from './chat/Prose';
import { Result } from './chat/Result';
import { Pairs, Rule } from './Pairs';

/** What went into a span and what came out. */
export function InOut({ span }: { span: WireSpan }) {
  const none = span.inputs === undefined && span.outputs === undefined;
  if (none) return <p class="m">Nothing was recorded of its input and output.</p>;
  return (
    <div class="nb-chat">
      {span.inputs !== undefined && (
        <Said who="input">
          <Value value={span.inputs} label="Input" />
        </Said>
      )}
      <Rule>{span.outputs === undefined ? (span.error ? 'no output: it failed' : 'no output') : 'output'}</Rule>
      {span.outputs !== undefined && (
        <Said who="output">
          <Value value={span.outputs} label="Output" />
        </Said>
      )}
    </div>
  );
}

/** Text as text, rows as a table, documents as documents, the rest as JSON. */
function Value({ value, label }: { value: Json; label: string }) {
  if (typeof value === 'string') return /^\s*[[{]/.test(value) ? <Result text={value} /> : <Prose text={value} />;
  const documents = documentsOf(value);
  if (documents) return <Documents documents={documents} />;
  if (typeof value !== 'object' || value === null) return <code>{JSON.stringify(value)}</code>;
  return <JsonTree value={value} label={label} />;
}

/** What the code that opened the span wrote on it. */
export function Attributes({ span }: { span: WireSpan }) {
  const entries = Object.entries(span.attributes ?? {});
  return (
    <Pairs
      code
      of={entries.map(([key, value]) => ({ key: brief(key, 60), value: <Value value={value} label={key} /> }))}
    />
  );
}

/** What happened at points of time inside a span. */
export function Events({ span }: { span: WireSpan }) {
  return (
    <ol class="nb-events">
      {span.events?.map((event, i) => (
        <li key={i}>
          <span class="n">{duration(Math.max(0, event.at - span.at))}</span>
          <div>
            <b>{brief(event.name)}</b>
            {event.attributes && Object.keys(event.attributes).length > 0 && (
              <JsonTree value={event.attributes} label={`Attributes of ${brief(event.name)}`} most={10} />
            )}
          </div>
        </li>
      ))}
    </ol>
  );
}

/** Type, message, and the stack folded: our verdict for what failed in the user's own code. */
export function Exception({ error }: { error: NonNullable<WireSpan['error']> }) {
  return (
    <div class="nb-verdict error" data-kind="exception">
      <Icon name="error" />
      <div>
        <h4>{brief(error.type ?? 'It failed')}</h4>
        <LongText text={error.message} most={600} />
        {error.stack && (
          <Fold line="Stack" size={`${error.stack.trim().split('\n').length} lines`}>
            {() => <LongText text={error.stack ?? ''} most={20_000} class="code" />}
          </Fold>
        )}
      </div>
    </div>
  );
}
