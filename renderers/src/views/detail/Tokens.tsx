import { tokens } from '../../model/format';
import type { WireCall, WireTokens } from '../../wire/types';
import { CostFact, costBasis } from '../parts/facts';

interface Piece {
  word: string;
  n: number;
  fill: string;
}

/** Counts that do not overlap: cached and cache-written are parts of the input, reasoning is a part of the output. */
export function tokenPieces(t: WireTokens): Piece[] {
  const cached = Math.min(t.cached ?? 0, t.in ?? 0);
  const written = Math.min(t.cache_write ?? 0, (t.in ?? 0) - cached);
  const reasoning = Math.min(t.reasoning ?? 0, t.out ?? 0);
  return [
    { word: 'input', n: (t.in ?? 0) - cached - written, fill: 'in' },
    { word: 'written to cache', n: written, fill: 'written' },
    { word: 'cached', n: cached, fill: 'cached' },
    { word: 'reasoning', n: reasoning, fill: 'reasoning' },
    { word: 'output', n: (t.out ?? 0) - reasoning, fill: 'out' },
  ].filter((piece) => piece.n > 0);
}

/** One bar for what was read and written, its parts with their counts, and what it cost. */
export function Tokens({ call }: { call: WireCall }) {
  const t = call.tokens;
  const pieces = t ? tokenPieces(t) : [];
  const total = t?.total ?? (t?.in ?? 0) + (t?.out ?? 0);
  return (
    <>
      {t && pieces.length > 0 && (
        <>
          <div class="nb-tokens" aria-hidden="true">
            {pieces.map((p) => (
              <i key={p.word} class={`t-${p.fill}`} style={`flex:${p.n}`} />
            ))}
          </div>
          <ul class="nb-token-words">
            {pieces.map((p) => (
              <li key={p.word}>
                <span class={`sw t-${p.fill}`} />
                {p.word} <b>{tokens(p.n)}</b>
              </li>
            ))}
            <li class="all">
              together <b class={t.est ? 'est' : undefined}>{tokens(total)}</b>
            </li>
          </ul>
          {t.est && <p class="m">The answer carried no usage: these counts are estimated.</p>}
        </>
      )}
      <p class="nb-cost">
        {call.cost ? (
          <>
            <b>
              <CostFact call={call} />
            </b>{' '}
            <span class="m">{costBasis(call.cost)}</span>
          </>
        ) : (
          <span class="m">No price is known for this model, so no cost is shown. You can set one in the settings.</span>
        )}
      </p>
    </>
  );
}
