/** Builds the page to look at while developing: `node dev/build.mjs`, then open dev/index.html. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));

await build({
  entryPoints: [join(here, 'main.tsx'), join(here, 'trace.tsx'), join(here, 'more.tsx')],
  bundle: true,
  outdir: join(here, 'dist'),
  format: 'iife',
  target: 'es2022',
  charset: 'utf8',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  logLevel: 'warning',
  plugins: [
    {
      name: 'css-as-text',
      setup(b) {
        b.onLoad({ filter: /\.css$/ }, async ({ path }) => ({
          contents: await readFile(path, 'utf8'),
          loader: 'text',
        }));
      },
    },
  ],
});
