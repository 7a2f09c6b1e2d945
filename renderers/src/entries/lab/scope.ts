import type { ShareScope } from './types';

/**
 * A module that the application shares with its extensions: the version that is loaded already, or
 * else the highest. To be called late (from the container's `get`): other containers are still
 * registering while `init` runs.
 */
export async function shared<T>(scope: ShareScope, name: string): Promise<T> {
  const versions = Object.entries(scope[name] ?? {}).sort(([a], [b]) => compare(b, a));
  const best = versions.find(([, entry]) => entry.loaded) ?? versions[0];
  if (!best) throw new Error(`nbext: this application does not share ${name}`);
  return (await best[1].get())() as T;
}

function compare(a: string, b: string): number {
  const [x, y] = [a, b].map((version) => version.split(/[.+-]/).map(Number));
  for (let i = 0; i < 3; i++) {
    const difference = (x?.[i] || 0) - (y?.[i] || 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
