/** Numbers and units as the view writes them everywhere: three figures, tabular, no counter that jumps in width. */

const GROUPED = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const MINUS = '−';

/** `9,999`: whole, with thousands. */
export function whole(n: number): string {
  if (n >= 0 && n < 1000 && Number.isInteger(n)) return String(n);
  return Number.isFinite(n) ? GROUPED.format(n).replace('-', MINUS) : '–';
}

/** Three figures: 9.62, 12.4, 252. The boundary is where rounding lands, so 9.996 is `10.0`. */
function figures(x: number): string {
  if (x < 9.995) return x.toFixed(2);
  if (x < 59.95) return x.toFixed(1);
  return whole(x);
}

/** Of a row: `6.0 ms` under 10 ms, then seconds: `0.39 s`, `12.4 s`, `252 s`. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return '–';
  if (ms < 0) return MINUS + duration(-ms);
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  return `${figures(ms / 1000)} s`;
}

/** Of a header: as in rows, but `4 min 12 s` from 60 s and `1 h 4 min` from an hour. */
export function durationLong(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (!Number.isFinite(ms) || ms < 59_950) return duration(ms);
  if (seconds < 3600) {
    const rest = seconds % 60;
    return `${Math.floor(seconds / 60)} min${rest ? ` ${rest} s` : ''}`;
  }
  const minutes = Math.round(seconds / 60);
  const rest = minutes % 60;
  return `${whole(Math.floor(minutes / 60))} h${rest ? ` ${rest} min` : ''}`;
}

/** Of a clock that runs: one decimal, so that it does not flicker. */
export function clock(ms: number): string {
  return ms < 59_950 ? `${(Math.max(0, ms) / 1000).toFixed(1)} s` : durationLong(ms);
}

/** `9,999`, `15.1k`, `3.12M`. */
export function tokens(n: number): string {
  if (!Number.isFinite(n)) return '–';
  if (n < 0) return MINUS + tokens(-n);
  if (n < 10_000) return whole(n);
  const thousands = n / 1000;
  if (thousands < 99.95) return `${thousands.toFixed(1)}k`;
  if (thousands < 999.5) return `${thousands.toFixed(0)}k`;
  const millions = n / 1e6;
  if (millions < 9.995) return `${millions.toFixed(2)}M`;
  return millions < 99.95 ? `${millions.toFixed(1)}M` : `${whole(millions)}M`;
}

/** `312 → 96`; what has no output (embeddings) is one number; nothing known is `–`. */
export function inOut(input: number | undefined, output: number | undefined): string {
  if (input === undefined && output === undefined) return '–';
  if (output === undefined) return tokens(input ?? 0);
  return input === undefined ? `? → ${tokens(output)}` : `${tokens(input)} → ${tokens(output)}`;
}

/** `$14.20`, `$0.044`, two significant digits under a cent: `$0.0009`. */
export function usd(x: number): string {
  if (!Number.isFinite(x)) return '–';
  if (x < 0) return MINUS + usd(-x);
  if (x === 0) return '$0';
  if (x >= 0.9995) {
    return `$${x.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
  }
  if (x >= 0.00995) return `$${x.toFixed(3)}`;
  if (x < 1e-8) return '< $0.00000001';
  const digits = 1 - Math.floor(Math.log10(x));
  // 0.0009 has one figure of its own: a zero that says nothing is left out.
  return `$${x.toFixed(digits).replace(/0$/, '')}`;
}

/** `412 B`, `1.9 kB`, `1.0 MB`, decimal. */
export function bytes(n: number): string {
  if (!Number.isFinite(n)) return '–';
  let value = Math.max(0, n);
  if (value < 1000) return `${whole(value)} B`;
  for (const unit of ['kB', 'MB', 'GB']) {
    value /= 1000;
    if (value < 99.95) return `${value.toFixed(1)} ${unit}`;
    if (value < 999.5) return `${whole(value)} ${unit}`;
  }
  return `${whole(value)} GB`;
}

/** `1 call`, `7 calls`, `1,251 spans`. */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${whole(n)} ${n === 1 ? noun : plural}`;
}

/** A difference with its sign: `+0.67`, `−2.41`, `0` when it rounds to nothing. `text` writes the size. */
export function signed(x: number, text: (size: number) => string): string {
  const size = text(Math.abs(x));
  if (!/[1-9]/.test(size)) return '0';
  return (x < 0 ? MINUS : '+') + size;
}

/** `9 %`, whole. */
export function share(part: number, total: number): string {
  return total > 0 ? `${Math.round((part / total) * 100)} %` : '–';
}
