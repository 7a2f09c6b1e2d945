import type { Json } from '../../../wire/types';
import { brief } from '../../parts/brief';
import { Fold } from '../../parts/Fold';
import { JsonTree } from '../../parts/JsonTree';
import { LongText } from '../../parts/LongText';

export interface Document {
  text: string;
  /** Where it is from, if it says. */
  source?: string;
  score?: number;
  rest?: Json;
}

const TEXT_KEYS = ['page_content', 'text', 'content', 'chunk'];
const SOURCE_KEYS = ['doc_uri', 'source', 'title', 'url', 'id'];
const SCORE_KEYS = ['score', 'relevance_score', 'similarity'];

type Row = { [key: string]: Json };
const isRow = (value: Json | undefined): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const firstOf = <T extends Json>(rows: Row[], keys: string[], fits: (v: Json | undefined) => v is T): T | undefined => {
  for (const row of rows) for (const key of keys) if (fits(row[key])) return row[key] as T;
  return undefined;
};
const isText = (v: Json | undefined): v is string => typeof v === 'string' && v !== '';
const isNumber = (v: Json | undefined): v is number => typeof v === 'number';

/** A retriever's output: a list whose every item has a text (MLflow and LangChain name it `page_content`). */
export function documentsOf(value: Json): Document[] | null {
  const list = Array.isArray(value) ? value : isRow(value) && Array.isArray(value.documents) ? value.documents : null;
  if (!list?.length || !list.every(isRow)) return null;
  const found = list.map((item) => documentOf(item));
  return found.every((d) => d !== null) ? found : null;
}

function documentOf(item: Row): Document | null {
  const text = firstOf([item], TEXT_KEYS, isText);
  if (text === undefined) return null;
  const places = [item, ...(isRow(item.metadata) ? [item.metadata] : [])];
  const source = firstOf(places, SOURCE_KEYS, isText);
  const score = firstOf(places, SCORE_KEYS, isNumber);
  return {
    text,
    ...(source && { source }),
    ...(score !== undefined && { score }),
    ...(isRow(item.metadata) && { rest: item.metadata }),
  };
}

/** Each document as one line with its score; the text at a press. */
export function Documents({ documents }: { documents: Document[] }) {
  return (
    <div class="nb-documents">
      {documents.map((d, i) => (
        <Fold
          key={i}
          line={
            <>
              <b>{brief(d.source ?? `${i + 1}`)}</b> {d.text.slice(0, 200)}
            </>
          }
          size={d.score === undefined ? `${d.text.length.toLocaleString('en')} characters` : d.score.toFixed(3)}
        >
          {() => (
            <>
              <LongText text={d.text} most={2000} />
              {d.rest !== undefined && <JsonTree value={d.rest} label="Metadata" most={10} />}
            </>
          )}
        </Fold>
      ))}
    </div>
  );
}
