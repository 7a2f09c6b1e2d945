import { useMemo } from 'preact/hooks';
import { excerpt } from '../../model/excerpt';
import { type Change, diffWords } from '../../model/worddiff';

/** Longer texts are compared to here: two books would stop the page. */
const MOST = 200_000;

export function useDiff(a: string, b: string) {
  return useMemo(() => diffWords(a.slice(0, MOST), b.slice(0, MOST)), [a, b]);
}

interface Props {
  changes: Change[];
  /** Leave out what is the same, but for some words around each change. */
  short?: boolean;
  /** One side of two: only what was there, or only what is. */
  side?: 'a' | 'b';
}

/** Deleted struck on grey, added underlined in the brand colour: red would say "error". */
export function DiffText({ changes, short, side }: Props) {
  const hidden = side === 'a' ? 'added' : side === 'b' ? 'removed' : undefined;
  const shown = short ? excerpt(changes) : changes;
  return (
    <>
      {shown.map(({ k, text }, i) => {
        if (k === hidden) return null;
        if (k === 'removed') return <del key={i}>{text}</del>;
        if (k === 'added') return <ins key={i}>{text}</ins>;
        return k === 'gap' ? (
          <span key={i} class="m">
            {text}
          </span>
        ) : (
          text
        );
      })}
    </>
  );
}

/** Two texts as one with marks, or beside each other. */
export function Compared({ a, b, beside, short }: { a: string; b: string; beside: boolean; short?: boolean }) {
  const { changes } = useDiff(a, b);
  if (!beside)
    return (
      <p class="nb-said">
        <DiffText changes={changes} short={short} />
      </p>
    );
  return (
    <div class="nb-two">
      <p class="nb-said">
        <DiffText changes={changes} short={short} side="a" />
      </p>
      <p class="nb-said">
        <DiffText changes={changes} short={short} side="b" />
      </p>
    </div>
  );
}
