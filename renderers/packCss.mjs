/**
 * The style sheet as a shorter string: pieces that come again and again are written once, in a list,
 * and as one character each in the text. `unpack` in src/css/unpack.ts puts them back. Deterministic.
 */

/** Candidates begin and end where words do, and are this many words long at most. */
const MOST_WORDS = 12;
const MOST_PIECES = 300;
/** Pieces that save less are not worth their place in the list. */
const LEAST_GAIN = 2;

/** Characters that stand for pieces: one byte in UTF-8 where the text leaves any free, then two. */
function* freeCharacters(text) {
  for (const c of "ABCDEFGHIJKLMNOPQRSTUVWXYZ^|~?$`@&<_'") if (!text.includes(c)) yield c;
  for (let code = 0xa1; code < 0x2ff; code++) {
    const c = String.fromCharCode(code);
    if (code !== 0xad && !text.includes(c)) yield c;
  }
}

/** Between the pieces: one byte, and in no style sheet. */
const SEPARATOR = '\x7f';

const bytes = (s) => Buffer.byteLength(s);

function best(text, width) {
  const words = text.match(/[a-z]+|[0-9.]+|[^a-z0-9.]/gs) ?? [];
  const counts = new Map();
  for (let i = 0; i < words.length; i++) {
    let piece = '';
    for (let n = 0; n < MOST_WORDS && i + n < words.length; n++) {
      piece += words[i + n];
      if (piece.length > width) counts.set(piece, (counts.get(piece) ?? 0) + 1);
    }
  }
  let found = '';
  let most = LEAST_GAIN;
  for (const [piece, count] of counts) {
    if (count < 2) continue;
    // Its place in the list costs it once more, with a separator and its key.
    const gain = (bytes(piece) - width) * count - bytes(piece) - 1 - width;
    if (gain > most || (gain === most && piece < found)) {
      most = gain;
      found = piece;
    }
  }
  return found;
}

export function packCss(css) {
  let text = css;
  let keys = '';
  const pieces = [];
  for (const key of freeCharacters(css)) {
    if (pieces.length >= MOST_PIECES) break;
    const piece = best(text, bytes(key));
    if (!piece) break;
    keys += key;
    pieces.push(piece);
    text = text.replaceAll(piece, key);
  }
  return { text, keys, pieces: pieces.join(SEPARATOR) };
}
