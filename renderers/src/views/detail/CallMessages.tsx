import type { WireCall, WireSpan } from '../../wire/types';
import { brief } from '../parts/brief';
import { LongText } from '../parts/LongText';
import { Chat, Said } from './chat/Chat';
import { paramsWords } from './chat/params';
import { ToolDefinitions } from './chat/ToolDefinitions';

interface Props {
  span: WireSpan;
  call: WireCall;
  earlier: WireCall[];
  spans: WireSpan[];
  shown: boolean;
  show: () => void;
  jump: (id: string) => void;
  /** The parameters stand elsewhere. */
  bare?: boolean;
}

/** The chat, then what it ran with: tools offered, parameters, oddities met while reading. */
export function CallMessages({ bare, ...chat }: Props) {
  const { call } = chat;
  const params = bare ? '' : paramsWords(call);
  // Of a call that was stopped before anything came, the empty body says nothing.
  const nothing = chat.span.status === 'interrupted' && !call.body;
  const body = call.response === undefined && !nothing ? call.body : undefined;
  const also = Boolean(call.tools?.length || params || call.notes?.length);
  return (
    <>
      <Chat {...chat} />
      {body !== undefined && <Body text={body} />}
      {also && (
        <div class="nb-chat nb-also">
          {call.tools && call.tools.length > 0 && (
            <Said who="tools">
              <ToolDefinitions tools={call.tools} />
            </Said>
          )}
          {params && (
            <Said who="with">
              <p class="m t2">{brief(params, 600)}</p>
            </Said>
          )}
          {call.notes && call.notes.length > 0 && (
            <Said who="noted">
              {call.notes.map((note) => (
                <p key={note} class="m t2">
                  {brief(note, 1000)}
                </p>
              ))}
            </Said>
          )}
        </div>
      )}
    </>
  );
}

/** What came back when it was not the JSON of an answer. */
function Body({ text }: { text: string }) {
  if (!text.trim()) return <p class="m">The answer’s body was empty.</p>;
  return (
    <div class="nb-body-text">
      <p class="m">The answer was no JSON. This is what came:</p>
      <LongText text={text} most={1200} class="code" />
    </div>
  );
}
