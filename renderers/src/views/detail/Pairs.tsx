import { type ComponentChildren, Fragment } from 'preact';

export interface Pair {
  key: string;
  value: ComponentChildren;
}

/** Names and what they stand for, in two columns. */
export function Pairs({ of, code }: { of: Pair[]; code?: boolean }) {
  return (
    <dl class="nb-pair">
      {of.map(({ key, value }) => (
        <Fragment key={key}>
          <dt>{code ? <code>{key}</code> : key}</dt>
          <dd>{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}

/** A thin line with a word on it. */
export const Rule = ({ children }: { children: ComponentChildren }) => <div class="nb-rule">{children}</div>;
