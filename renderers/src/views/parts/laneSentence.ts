import { duration } from '../../model/format';
import type { WireSpan } from '../../wire/types';
import { brief } from './brief';

/** What the lane shows, for those who hear it: attempts, waits, first token, streaming. */
export function laneSentence(span: WireSpan, now: number): string {
  const ms = span.ms ?? Math.max(0, now - span.at);
  const attempts = span.call?.attempts ?? [];
  const parts = attempts.slice(0, -1).flatMap((attempt, i) => {
    const end = attempt.at + (attempt.ms ?? 0);
    const wait = (attempts[i + 1]?.at ?? end) - end;
    const failed = `Attempt ${i + 1}: ${attempt.code ?? brief(attempt.error ?? 'failed', 60)} after ${duration(attempt.ms ?? 0)}.`;
    return wait > 0 ? [failed, `Wait ${duration(wait)}.`] : [failed];
  });
  const last = attempts.at(-1);
  const number = attempts.length > 1 ? `Attempt ${attempts.length}: ` : '';
  const begun = last?.at ?? 0;
  const first = span.call?.first;
  if (first !== undefined && first >= begun) {
    parts.push(`${number}first token after ${duration(first - begun)}, then ${duration(ms - first)} of streaming.`);
  } else {
    const code = last?.code !== undefined && last.code >= 400 ? `${last.code} after ` : '';
    parts.push(`${number}${code}${duration(ms - begun)}.`);
  }
  if (span.status === 'running') parts.push('Still running.');
  if (span.status === 'interrupted') parts.push('Interrupted.');
  return parts.join(' ');
}
