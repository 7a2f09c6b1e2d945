/**
 * Names, ids and words of a status stand in one line. A server may send a megabyte where a word was
 * expected: laying out such a line stops the page, so it is cut before it gets there.
 */
export function brief(text: string, most = 200): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
