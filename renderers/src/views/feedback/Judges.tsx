import { useState } from 'preact/hooks';
import { isGood, sourceWords, valueWord } from '../../model/assessments';
import type { Assessment, WireSpan } from '../../wire/types';
import { Button } from '../parts/Button';
import { brief } from '../parts/brief';
import { Icon, type IconName } from '../parts/Icon';
import { LongText } from '../parts/LongText';

/** What people, judges and code said of a span, as pills; a press shows the reason, and what the judge took. */
export function Judges({ span }: { span: WireSpan }) {
  const [open, setOpen] = useState(-1);
  const all = span.assessments ?? [];
  const shown = all[open];
  return (
    <div class="nb-judges">
      <div class="row">
        {all.map((one, i) => {
          const bad = isGood(one) === false || one.error !== undefined;
          return (
            <Button
              key={i}
              class={`nb-pill ${bad ? 'err' : one.pending ? 'm' : ''}`}
              aria-expanded={open === i}
              title={one.pending ? 'The judge has not answered yet' : undefined}
              press={() => setOpen(open === i ? -1 : i)}
            >
              <Icon
                name={iconOf(one)}
                tone={one.pending ? 'pulse' : undefined}
                label={one.pending ? 'waiting' : undefined}
              />
              {brief(one.name, 40)} <b>{one.error === undefined ? valueWord(one.value) : 'failed'}</b>
            </Button>
          );
        })}
      </div>
      {shown && <Reason of={shown} />}
    </div>
  );
}

function iconOf(one: Assessment): IconName {
  if (one.pending) return 'run';
  if (one.error !== undefined) return 'error';
  const good = isGood(one);
  if (one.source === 'HUMAN' && good !== undefined) return good ? 'up' : 'down';
  return good === false ? 'error' : one.kind === 'expectation' ? 'info' : 'check';
}

function Reason({ of }: { of: Assessment }) {
  const value = typeof of.value === 'string' && of.value.length > 40 ? of.value : '';
  const text = of.error ?? of.rationale ?? '';
  return (
    <div class="nb-verdict calm">
      <Icon name={iconOf(of)} />
      <div>
        <p>
          <b>
            {brief(of.name, 80)}
            {!value && of.value !== undefined && `: ${valueWord(of.value)}`}
          </b>
        </p>
        {value && <LongText text={value} most={800} />}
        {text && <LongText text={text} most={800} />}
        {of.pending && <p>The judge has not answered yet.</p>}
        <p class="m">{brief(sourceWords(of), 300)}</p>
      </div>
    </div>
  );
}
