import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { Store } from '../../wire/store';
import type { Assessment, FeedbackAnswer, FeedbackAsk, WireSpan } from '../../wire/types';
import { Button } from '../parts/Button';
import { brief } from '../parts/brief';
import { Icon } from '../parts/Icon';
import { formKeys } from '../replay/formKeys';

interface Props {
  span: WireSpan;
  store: Store;
  /** The thumb that opened it. */
  bad?: boolean;
  close: () => void;
}

/** A verdict on an answer: thumb, score, comment, and what was expected instead. */
export function Feedback({ span, store, bad, close }: Props) {
  const [verdict, setVerdict] = useState<'up' | 'down' | undefined>(
    bad === undefined ? undefined : bad ? 'down' : 'up',
  );
  const mine = useRef(known(span.assessments)).current;
  const [comment, setComment] = useState(mine.comment);
  const [expected, setExpected] = useState(mine.expected);
  const [score, setScore] = useState('');
  const [state, setState] = useState<{ busy?: boolean; error?: string; done?: string }>({});
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  useEffect(() => field.current?.focus(), []);

  const value = score.trim() === '' ? undefined : Number(score);
  const wrong = value !== undefined && !(value >= 0 && value <= 1);
  const nothing = !verdict && value === undefined && !comment.trim() && !expected.trim();
  const save = () => {
    if (state.busy || wrong || nothing) return;
    setState({ busy: true });
    const ask: FeedbackAsk = {
      span: span.id,
      ...(verdict ? { verdict } : {}),
      ...(value === undefined ? {} : { score: value }),
      ...(comment.trim() ? { comment: comment.trim() } : {}),
      ...(expected.trim() ? { expected: expected.trim() } : {}),
    };
    store.ask?.('feedback', ask).then(
      (answer) => setState({ done: (answer as FeedbackAnswer | null)?.note ?? 'Saved.' }),
      (error: Error) => setState({ error: error.message }),
    );
  };
  const thumb = (word: 'up' | 'down') => (
    <Button
      say={word === 'up' ? 'Good' : 'Bad'}
      aria-pressed={verdict === word}
      press={() => setVerdict(verdict === word ? undefined : word)}
    >
      <Icon name={word} />
    </Button>
  );
  const to = store.get().feedback_to ?? [];
  if (state.done)
    return (
      <div class="nb-fb" role="status">
        <div class="row">
          <Icon name="check" />
          <span>{brief(state.done, 300)}</span>
          <span class="sp" />
          <Button press={close}>Close</Button>
        </div>
      </div>
    );
  return (
    <div
      class="nb-fb"
      role="form"
      aria-label="Your verdict"
      data-run
      onKeyDown={(event) => formKeys(event, save, close)}
    >
      <div class="row">
        <span class="lab">Your verdict</span>
        {thumb('up')}
        {thumb('down')}
        <input
          class="nb-field"
          ref={field}
          aria-label="Comment"
          placeholder="Comment"
          value={comment}
          onInput={(event) => setComment(event.currentTarget.value)}
        />
        <input
          class="nb-field score"
          aria-label="Score, 0 to 1"
          aria-invalid={wrong}
          placeholder="0 to 1"
          inputMode="decimal"
          value={score}
          onInput={(event) => setScore(event.currentTarget.value)}
        />
      </div>
      <div class="row">
        <label class="lab" for={id}>
          Expected
        </label>
        <textarea
          class="nb-field"
          id={id}
          rows={2}
          aria-label="Expected answer"
          value={expected}
          onInput={(event) => setExpected(event.currentTarget.value)}
        />
      </div>
      <div class="row">
        <span class="lab" />
        <Button class="go" disabled={nothing || wrong || state.busy} press={save}>
          Save
        </Button>
        <Button press={close}>Cancel</Button>
        <span class="m t1">
          {wrong ? 'A score is from 0 to 1.' : to.length > 0 && `goes to: ${brief(to.join(', '), 200)}`}
        </span>
        {state.error && (
          <span class="err t1" role="alert">
            {brief(state.error, 400)}
          </span>
        )}
      </div>
    </div>
  );
}

/** What this person said before: an edit begins there. */
function known(all: Assessment[] = []): { comment: string; expected: string } {
  const mine = all.filter((one) => one.source === 'HUMAN');
  const expected = mine.findLast((one) => one.kind === 'expectation')?.value;
  return {
    comment: mine.findLast((one) => one.kind !== 'expectation')?.rationale ?? '',
    expected: typeof expected === 'string' ? expected : '',
  };
}
