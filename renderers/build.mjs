/**
 * Builds the front end: `npm run build`. The output is committed, so installing nbext needs no Node.
 *
 *   nbext/static/registry.js                        anywidget module: registers the model, draws nothing
 *   nbext/static/viewer.js                          anywidget module with the viewer in it
 *   nbext/static/page.js                            script of the self-contained HTML file
 *   nbext/static/more.js                            the second chunk: views that most traces never need
 *   renderers/labextension/                         prebuilt JupyterLab extension (MIME renderer), both chunks
 *
 * The same sources give the same bytes: no dates, no absolute paths, no source maps.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { minify } from 'terser';
import { arrows } from './arrows.mjs';
import { chunk, kitModule, sharedModules, wrapped } from './chunk.mjs';
import { packCss } from './packCss.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const staticDir = join(here, '..', 'nbext', 'static');
const labDir = join(here, 'labextension');

/** The style sheets go into a shadow root, as one string: minified and packed, once for all bundles. */
async function packedCss(list) {
  const folder = join(here, 'src', 'css');
  const index = await readFile(join(folder, list), 'utf8');
  // In the order in which they are joined there.
  const order = /\[(.*?)\]\.join/s
    .exec(index)[1]
    .split(/[,\s]+/)
    .filter(Boolean);
  const sheets = order.map((name) => `@import './${name}.css';`).join('\n');
  const { outputFiles } = await build({
    stdin: { contents: sheets, loader: 'css', resolveDir: folder },
    bundle: true,
    write: false,
    minify: true,
    target: 'es2022',
    charset: 'utf8',
  });
  const { text, keys, pieces } = packCss(outputFiles[0].text.trim());
  const given = [text, keys, pieces].map((value) => JSON.stringify(value)).join(', ');
  return `import { unpack } from './unpack';\nexport default () => unpack(${given});\n`;
}

const instead = (name, filter, contents, resolveDir) => ({
  name,
  setup(b) {
    b.onLoad({ filter }, () => ({ contents, loader: 'js', resolveDir }));
  },
});
const cssDir = join(here, 'src', 'css');
const cssPacked = [
  instead('css-packed', /[\\/]css[\\/]index\.ts$/, await packedCss('index.ts'), cssDir),
  instead('css-more-packed', /[\\/]css[\\/]more\.ts$/, await packedCss('more.ts'), cssDir),
];

/**
 * Written for reading and checking, not needed in the page: there is no form that a button could
 * submit, and the shortcuts are kept off by the host element (see views/guardKeys.ts).
 */
const SILENT = / (?:type="button"|data-lm-suppress-shortcuts="true")/g;
const shorterJsx = {
  name: 'shorter-jsx',
  setup(b) {
    b.onLoad({ filter: /\.tsx$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace(SILENT, ''),
      loader: 'tsx',
    }));
  },
};

const settings = (entry) => ({
  entryPoints: [join(here, 'src', 'entries', entry)],
  absWorkingDir: here,
  bundle: true,
  minify: true,
  target: 'es2022',
  charset: 'utf8',
  legalComments: 'none',
  // `h(tag, props, …children)` is a tenth shorter than the calls of the automatic runtime.
  jsx: 'transform',
  jsxFactory: 'h',
  jsxFragment: 'Fragment',
  // What is type-checked is the automatic runtime; the file's own setting would win over this one.
  tsconfigRaw: { compilerOptions: {} },
  // The small one draws nothing.
  inject: entry === 'registry.ts' ? [] : [join(here, 'src', 'entries', 'jsx.ts')],
  define: { 'process.env.NODE_ENV': '"production"', MORE_FILE: '""' },
  plugins: [...cssPacked, shorterJsx],
  logLevel: 'warning',
});

const shared = await sharedModules(here, ['mime.ts', 'viewer.ts', 'page.ts'], settings);
const { code: loose, taken } = await chunk(shared, settings('more.ts'));
const more = wrapped(await smaller(loose, true));
const kit = instead(
  'kit',
  /[\\/]more[\\/]kit\.ts$/,
  kitModule(here, taken, more.id),
  join(here, 'src', 'views', 'more'),
);
// Named by its content, beside the entry that asks for it.
const moreFile = `more.${more.id.split('.').at(-1)}.js`;

async function bundle(entry, format) {
  const base = settings(entry);
  const result = await build({
    ...base,
    write: false,
    format,
    define: { ...base.define, MORE_FILE: JSON.stringify(moreFile) },
    plugins: [kit, ...base.plugins],
  });
  return smaller(result.outputFiles[0].text, format === 'esm');
}

/** A second pass: inlining and folding that esbuild leaves out are worth some kB. */
async function smaller(code, module) {
  const { code: small } = await minify(code, {
    ecma: 2020,
    module,
    toplevel: true,
    // Reading a signal subscribes to it: a getter is never free of effects here.
    compress: {
      passes: 3,
      unsafe_arrows: true,
      unsafe_methods: true,
      keep_fargs: false,
      pure_getters: false,
      hoist_funs: true,
    },
    mangle: { toplevel: true },
    format: { comments: false },
  });
  return arrows(small);
}

/** The text ends up inside a script element of the self-contained page, where `</script` would end it. */
const inert = (code) => code.replace(/<(?=\/script|!--)/gi, '\\x3c');

/**
 * JupyterLab loads the script long before the first trace: its functions are compiled meanwhile, off the
 * page's thread, and not one by one as the first trace is drawn. Browsers that do not know the comment
 * take it for one. https://v8.dev/blog/explicit-compile-hints
 */
const COMPILE_AHEAD = '//# allFunctionsCalledOnLoad\n';

async function labextension(version) {
  const code = COMPILE_AHEAD + (await bundle('mime.ts', 'iife'));
  // Jupyter serves these files as immutable for a year: the name must change with the content.
  const hash = createHash('sha256').update(code).digest('hex').slice(0, 16);
  const load = `static/remoteEntry.${hash}.js`;
  const manifest = {
    name: 'nbext',
    version,
    description: 'Draws application/vnd.nbext.trace.v1+json outputs of nbext',
    license: 'Apache-2.0',
    jupyterlab: { mimeExtension: true, outputDir: 'labextension', _build: { load, mimeExtension: './mimeExtension' } },
  };
  const install = {
    packageManager: 'python',
    packageName: 'nbext',
    uninstallInstructions: 'Use your Python package manager (pip, uv, conda …) to uninstall the package nbext',
  };
  await rm(labDir, { recursive: true, force: true });
  await mkdir(join(labDir, 'static'), { recursive: true });
  await writeFile(join(labDir, load), code);
  await writeFile(join(labDir, 'static', moreFile), more.code);
  await writeFile(join(labDir, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  await writeFile(join(labDir, 'install.json'), `${JSON.stringify(install, null, 2)}\n`);
  return { name: `labextension/${load}`, bytes: Buffer.byteLength(code) };
}

async function staticFile(name, entry, format, change = (code) => code) {
  const code = change(await bundle(entry, format));
  await writeFile(join(staticDir, name), code);
  return { name: `nbext/static/${name}`, bytes: Buffer.byteLength(code) };
}

const { version } = JSON.parse(await readFile(join(here, 'package.json'), 'utf8'));
await mkdir(staticDir, { recursive: true });
await writeFile(join(staticDir, 'more.js'), inert(more.code));
const built = [
  await staticFile('registry.js', 'registry.ts', 'esm'),
  await staticFile('viewer.js', 'viewer.ts', 'esm'),
  await staticFile('page.js', 'page.ts', 'iife', inert),
  await labextension(version),
  { name: `more, ${taken.length} names of the kit`, bytes: Buffer.byteLength(more.code) },
];
for (const { name, bytes } of built) console.log(`${String(bytes).padStart(8)}  ${name}`);
