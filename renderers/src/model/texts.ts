/** The string table of a stored trace: texts that occur often stand in it once. */

/** What to do about data that cannot be read. */
export const AGAIN = 'Run the cell again.';

type Holder = Record<string, unknown> | unknown[];

/**
 * Puts texts back: `{"$": i}` is `texts[i]`; `{"$": [x]}` is a real object `{"$": x}`. In a loop,
 * since model output may be nested as deep as it likes.
 *
 * @param own the data may be changed in place; else it is copied on the way
 */
export function restoreTexts(data: unknown[], texts: readonly unknown[], own: boolean): unknown[] {
  const top = own ? data : [...data];
  const stack: Holder[] = [top];
  const restored = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    const held = isRecord(value) && value.$ !== undefined && Object.keys(value).length === 1 ? value.$ : undefined;
    if (typeof held === 'number') {
      if (!(held in texts)) throw new Error(`The saved trace is damaged: text ${held} is not there. ${AGAIN}`);
      return texts[held];
    }
    const real = Array.isArray(held) && held.length === 1 ? { $: held[0] } : value;
    const mine = own ? real : copyOf(real);
    if (isRecord(mine) || Array.isArray(mine)) stack.push(mine);
    return mine;
  };
  for (let holder = stack.pop(); holder; holder = stack.pop()) {
    if (Array.isArray(holder)) for (let i = 0; i < holder.length; i++) holder[i] = restored(holder[i]);
    else for (const key of Object.keys(holder)) holder[key] = restored(holder[key]);
  }
  return top;
}

function copyOf(value: object): unknown {
  return Array.isArray(value) ? [...value] : { ...value };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
