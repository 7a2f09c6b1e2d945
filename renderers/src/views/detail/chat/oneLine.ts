import { whole } from '../../../model/format';
import { partsOf } from '../../../model/message';
import type { WireMessage } from '../../../wire/types';

/** A line is cut by the page; this is what is put into it. */
export const MOST = 400;

export const flat = (text: string) =>
  text
    .slice(0, MOST * 2)
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, MOST);

/** `64 texts · “Churn rose in EMEA …”` */
export function textsLine(messages: WireMessage[]): string {
  const texts = messages.flatMap(partsOf).flatMap((p) => (p.k === 'text' ? [p.text] : []));
  const first = flat(texts[0] ?? '');
  return texts.length > 1 ? `${whole(texts.length)} texts · “${first}”` : first;
}
