import { hintOf } from '../../model/hint';
import { iconOf, kindOf } from '../../model/kind';
import type { WireSpan } from '../../wire/types';
import { linkedFrom } from '../detail/neighbours';
import { Rule } from '../detail/Pairs';
import { Button } from '../parts/Button';
import { brief } from '../parts/brief';
import { Copy } from '../parts/Copy';
import { Icon, type IconName } from '../parts/Icon';
import { soloNode } from '../parts/soloNode';

interface Props {
  span: WireSpan;
  spans: WireSpan[];
  jump: (id: string) => void;
}

/** Spans that one says it belongs with beside its parent, and those that say so of it. */
export function Links({ span, spans, jump }: Props) {
  const from = linkedFrom(spans, span);
  return (
    <>
      {span.links && span.links.length > 0 && <Rule>linked to</Rule>}
      <ul class="nb-links">
        {span.links?.map((link, i) => {
          const there = spans.find((each) => each.id === link.span);
          return <li key={i}>{there ? <Jump to={there} jump={jump} /> : <Elsewhere {...link} />}</li>;
        })}
      </ul>
      {from.length > 0 && <Rule>linked from</Rule>}
      <ul class="nb-links">
        {from.map((each) => (
          <li key={each.id}>
            <Jump to={each} jump={jump} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Jump({ to, jump }: { to: WireSpan; jump: (id: string) => void }) {
  return (
    <Button press={() => jump(to.id)}>
      <Icon name={iconOf(to) as IconName} tone={kindOf(to)} />
      <b>{brief(to.name, 80) || '(no name)'}</b>
      <span class="m cut">{brief(hintOf(soloNode(to, to.at)), 120)}</span>
      <Icon name="jump" />
    </Button>
  );
}

function Elsewhere({ trace, span }: { trace: string; span: string }) {
  return (
    <span class="m">
      span <code>{brief(span, 40)}</code> of trace <code>{brief(trace, 40)}</code>, not in this view
      <Copy text={trace} label="Copy the trace id" />
    </span>
  );
}
