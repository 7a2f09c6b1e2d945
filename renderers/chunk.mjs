/**
 * The second chunk: the views of src/entries/more.ts without what the first one has already. What it takes
 * from there arrives as one list, the kit: the chunk is a function of it. So there is one framework in the
 * page, and no module format that a host would have to know.
 */
import { createHash } from 'node:crypto';
import { join, relative } from 'node:path';
import { parse } from 'acorn';
import { build } from 'esbuild';

/** Pure functions are cheap to have twice, and pulling them into the first chunk for the second's sake is not. */
const SHARED = /^(?:src\/(?:views|wire)\/|node_modules\/preact\/)/;

/** Modules that stand in all of the given bundles. */
export async function sharedModules(here, entries, options) {
  const sets = await Promise.all(
    entries.map(async (entry) => {
      const { metafile } = await build({ ...options(entry), metafile: true, write: false });
      const [output] = Object.values(metafile.outputs);
      const used = Object.entries(output.inputs).filter(
        ([path, { bytesInOutput }]) => bytesInOutput && SHARED.test(path),
      );
      return new Set(used.map(([path]) => path));
    }),
  );
  const [first, ...others] = sets;
  return new Set([...first].filter((path) => others.every((set) => set.has(path))).map((path) => join(here, path)));
}

const external = (shared) => ({
  name: 'kit',
  setup(b) {
    b.onResolve({ filter: /.*/ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
      if (pluginData === 'kit' || kind === 'entry-point') return undefined;
      const found = await b.resolve(path, { importer, resolveDir, kind, pluginData: 'kit' });
      return shared.has(found.path) ? { path: found.path, external: true } : found;
    });
  },
});

/** The chunk's code with `__kit` and `__out` for what it is given and gives, and the names it takes. */
export async function chunk(shared, options) {
  const { outputFiles } = await build({
    ...options,
    format: 'esm',
    write: false,
    plugins: [external(shared), ...options.plugins],
  });
  const code = outputFiles[0].text;
  const program = parse(code, { ecmaVersion: 'latest', sourceType: 'module' });
  const taken = [];
  const locals = [];
  let rest = '';
  let at = 0;
  for (const node of program.body) {
    if (node.type === 'ImportDeclaration') {
      for (const { imported, local } of node.specifiers) {
        taken.push({ path: node.source.value, name: imported.name });
        locals.push(local.name);
      }
      rest += code.slice(at, node.start);
      at = node.end;
    } else if (node.type === 'ExportNamedDeclaration') {
      rest += `${code.slice(at, node.start)}__out(${node.specifiers[0].local.name});`;
      at = node.end;
    }
  }
  rest += code.slice(at);
  return { code: `const [${locals}]=__kit;${rest}`, taken };
}

/** Leaves the function in the page, named by its content: another version's is not taken for it. */
export function wrapped(code) {
  const id = `nbext.more.${createHash('sha256').update(code).digest('hex').slice(0, 16)}`;
  return {
    id,
    code: `globalThis[Symbol.for("${id}")]=__kit=>{let __it;const __out=x=>{__it=x};${code};return __it};`,
  };
}

/** The module that takes the place of src/views/more/kit.ts in the first chunk. */
export function kitModule(here, taken, id) {
  const from = (path) => JSON.stringify(`./${relative(join(here, 'src', 'views', 'more'), path)}`);
  const imports = taken.map(({ path, name }, i) => `import{${name} as k${i}}from${from(path)};`).join('\n');
  const names = taken.map((_, i) => `k${i}`);
  return `${imports}\n// A function: these modules need this one, so some of them are made after it.\nexport const KIT=()=>[${names}];\nexport const MORE_ID=${JSON.stringify(id)};\n`;
}
