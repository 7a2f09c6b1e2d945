import { bytes, duration } from '../../model/format';
import type { WireAttempt, WireSpan } from '../../wire/types';
import { brief } from '../parts/brief';
import { Copy } from '../parts/Copy';
import { Fold } from '../parts/Fold';
import { Pairs } from './Pairs';

/** Every HTTP request of the call, with the waits between. */
export function Attempts({ span, now }: { span: WireSpan; now: number }) {
  const call = span.call;
  const attempts = call?.attempts ?? [];
  if (!attempts.length)
    return <p class="m">No HTTP attempt is recorded for this call: it was read from a log or another tracer.</p>;
  return (
    <>
      <div class="nb-scroll">
        <table class="nb-table">
          <thead>
            <tr>
              <th>#</th>
              <th>Status</th>
              <th class="n">From</th>
              <th class="n">Time</th>
              <th>Request id</th>
            </tr>
          </thead>
          <tbody>
            {attempts.flatMap((attempt, i) => [
              <AttemptRow key={i} attempt={attempt} number={i + 1} />,
              <WaitRow
                key={`w${i}`}
                attempt={attempt}
                next={attempts[i + 1]}
                now={now - span.at}
                running={span.status === 'running'}
              />,
            ])}
          </tbody>
        </table>
      </div>
      {attempts.map((attempt, i) => (
        <Headers key={i} attempt={attempt} number={i + 1} many={attempts.length > 1} />
      ))}
      {call?.bytes && <Sizes sent={call.bytes.request} got={call.bytes.response} />}
    </>
  );
}

const tone = (attempt: WireAttempt) => {
  if (attempt.code === 429) return 'hold';
  return attempt.error !== undefined || (attempt.code ?? 0) >= 400 ? 'err' : undefined;
};

function AttemptRow({ attempt, number }: { attempt: WireAttempt; number: number }) {
  const said = [attempt.code, attempt.error].filter((x) => x !== undefined).join(' ');
  const shown = brief(said);
  const id = attempt.request_id;
  return (
    <tr>
      <td>{number}</td>
      <td class={tone(attempt)} title={attempt.error && brief(attempt.error, 1000)}>
        <span class="nb-status">{shown || (attempt.ms === undefined ? 'waiting' : 'no answer')}</span>
      </td>
      <td class="n">{attempt.at > 0 ? duration(attempt.at) : '0'}</td>
      <td class="n">{attempt.ms === undefined ? '' : duration(attempt.ms)}</td>
      <td>
        {id && (
          <span class="id">
            <code title={brief(id)}>{id.slice(0, 8)}</code>
            <Copy text={id} label={`Copy request id ${id.slice(0, 8)}`} />
          </span>
        )}
      </td>
    </tr>
  );
}

interface WaitProps {
  attempt: WireAttempt;
  next?: WireAttempt;
  /** From the span's start. */
  now: number;
  running: boolean;
}

function WaitRow({ attempt, next, now, running }: WaitProps) {
  if (attempt.ms === undefined) return null;
  const end = attempt.at + attempt.ms;
  const asked = attempt.retry_after;
  if (!next && !(running && asked !== undefined && now < end + asked * 1000)) {
    return asked === undefined || next ? null : <NoteRow text={`Retry-After ${asked}, not tried again`} />;
  }
  const left = next ? undefined : end + (asked ?? 0) * 1000 - now;
  const word = asked === undefined ? 'wait' : `wait, Retry-After ${asked}`;
  return (
    <tr>
      <td />
      <td class="m">{left === undefined ? word : `next try in ${duration(left)}`}</td>
      <td class="n">{duration(end)}</td>
      <td class="n">{next && duration(Math.max(0, next.at - end))}</td>
      <td />
    </tr>
  );
}

const NoteRow = ({ text }: { text: string }) => (
  <tr>
    <td />
    <td class="m" colSpan={4}>
      {text}
    </td>
  </tr>
);

function Headers({ attempt, number, many }: { attempt: WireAttempt; number: number; many: boolean }) {
  const headers = Object.entries(attempt.headers ?? {});
  if (!headers.length) return null;
  return (
    <Fold
      class="nb-headers"
      line={many ? `Headers of attempt ${number}` : 'Response headers'}
      size={`${headers.length} kept`}
    >
      {() => (
        <>
          {attempt.head !== undefined && (
            <p class="m">{`They came ${duration(attempt.head)} after the request was sent.`}</p>
          )}
          <Pairs
            of={headers.map(([name, value]) => ({ key: brief(name, 60), value: <code>{brief(value, 2000)}</code> }))}
            code
          />
        </>
      )}
    </Fold>
  );
}

function Sizes({ sent, got }: { sent?: number; got?: number }) {
  const words = [sent !== undefined && `${bytes(sent)} sent`, got !== undefined && `${bytes(got)} came back`].filter(
    Boolean,
  );
  return words.length ? <p class="m nb-sizes">{words.join(' · ')}</p> : null;
}
