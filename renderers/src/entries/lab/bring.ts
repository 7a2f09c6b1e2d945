import { more } from '../../views/more/load';

/** Name of the second chunk, beside this one; the build writes it. */
declare const MORE_FILE: string;

/** Only while this script runs is it known where it came from. */
const here = (globalThis.document?.currentScript as HTMLScriptElement | null | undefined)?.src;

/** The second chunk comes from where this one came from: the server of the page. */
export function bringByScript(): void {
  more.bring = () =>
    new Promise<void>((resolve, reject) => {
      const script = document.createElement('script');
      script.src = new URL(MORE_FILE, here ?? location.href).href;
      // Not `resolve` itself: it would resolve to the event.
      script.onload = () => resolve(undefined);
      script.onerror = () =>
        reject(new Error('The server does not have it. Is nbext installed there, in this version?'));
      document.head.append(script);
    });
}
