import type { WireCall, WireSpan } from '../../wire/types';
import { Masked } from '../parts/inlineWords';
import { answerLine, questionLine } from './lines';

/** The two lines under the facts: what was asked, what came. */
export function Preview({ span, call }: { span: WireSpan; call: WireCall }) {
  const asked = questionLine(call);
  const came = answerLine(span, call);
  return (
    <>
      <div class="nb-prev">
        <span class="who">{asked.who}</span>
        <span class="cut">{asked.masked ? <Masked text={asked.text} /> : asked.text}</span>
      </div>
      <div class="nb-prev">
        <span class="who">{came.who}</span>
        <span class={`cut ${came.tone}`}>
          {came.text}
          {came.growing && <i class="caret" />}
        </span>
      </div>
    </>
  );
}
