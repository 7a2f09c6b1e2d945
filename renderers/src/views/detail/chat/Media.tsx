import { useState } from 'preact/hooks';
import { mediaLine } from '../../../model/message';
import type { WirePart } from '../../../wire/types';
import { useBytes } from '../../parts/Around';
import { Button } from '../../parts/Button';
import { brief } from '../../parts/brief';
import { Icon, type IconName } from '../../parts/Icon';
import { useTrusted } from '../../parts/trust';

type MediaPart = Extract<WirePart, { k: 'image' | 'audio' | 'file' }>;

// Raster and sound only: what a model sends is drawn by the browser's decoders, never as a document.
const DRAWN = {
  image: /^data:image\/(?:png|jpe?g|gif|webp|avif|bmp);base64,[a-z0-9+/=\s]*$/i,
  audio: /^data:audio\/[a-z0-9.+-]+(?:;codecs=[\w.]+)?;base64,[a-z0-9+/=\s]*$/i,
};
const ICONS: Record<MediaPart['k'], IconName> = { image: 'image', audio: 'play', file: 'file' };

/** An image, sound or file by its size; drawn at a press, fetched from elsewhere only when told so. */
export function Media({ part }: { part: MediaPart }) {
  const [shown, setShown] = useState(false);
  const [fetched, setFetched] = useState<{ url?: string; error?: string }>({});
  const trusted = useTrusted();
  const bytesOf = useBytes();
  const source = part.k === 'file' ? null : sourceOf(fetched.url ? { ...part, url: fetched.url } : part, trusted);
  // The views hold its size; the kernel has the bytes.
  const fetch =
    !source && part.k !== 'file' && (!part.url || part.url.startsWith('data:')) && part.bytes && bytesOf
      ? () =>
          bytesOf(part).then(
            (url) => {
              setFetched({ url });
              setShown(true);
            },
            (error: Error) => setFetched({ error: error.message }),
          )
      : undefined;
  const words = brief(mediaLine(part));
  if (shown && source && part.k === 'image') {
    return <img class="nb-image" src={source.url} alt={words} referrerpolicy="no-referrer" decoding="async" />;
  }
  if (shown && source) {
    // biome-ignore lint/a11y/useMediaCaption: captions of what a model was sent do not exist
    return <audio class="nb-audio" src={source.url} controls aria-label={words} data-lm-suppress-shortcuts="true" />;
  }
  return (
    <p class="nb-media m">
      <Icon name={ICONS[part.k]} />
      <span class="cut" title={part.mime && brief(part.mime)}>
        {words}
      </span>
      {source && (
        <Button class="line" press={() => setShown(true)}>
          {source.remote ? `Load from ${brief(source.remote, 60)}` : part.k === 'image' ? 'Show image' : 'Play'}
        </Button>
      )}
      {fetch && !fetched.error && (
        <Button class="line" press={fetch}>
          {part.k === 'image' ? 'Show image' : 'Play'}
        </Button>
      )}
      {!source && part.k !== 'file' && (part.url || fetched.error) && (!fetch || fetched.error) && (
        <span>{brief(fetched.error ?? 'not drawn here', 200)}</span>
      )}
    </p>
  );
}

/** Where it may be drawn from: data we hold, or an https address named on the button. */
export function sourceOf(part: MediaPart, trusted: boolean): { url: string; remote?: string } | null {
  const { url } = part;
  if (!url || part.k === 'file') return null;
  if (DRAWN[part.k].test(url)) return { url };
  if (!trusted) return null;
  try {
    const remote = new URL(url);
    return remote.protocol === 'https:' && remote.hostname ? { url: remote.href, remote: remote.hostname } : null;
  } catch {
    return null;
  }
}
