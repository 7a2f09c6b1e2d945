/**
 * Arguments as a call would be written: one argument is its value, more are `name=value`.
 * What is no JSON object is shown as it came: models send broken arguments.
 */
export function argsText(args: string): string {
  let value: unknown;
  try {
    value = JSON.parse(args);
  } catch {
    return args;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return args;
  const entries = Object.entries(value);
  if (entries.length === 1) return JSON.stringify(entries[0]?.[1]);
  return entries.map(([name, v]) => `${name}=${JSON.stringify(v)}`).join(', ');
}
