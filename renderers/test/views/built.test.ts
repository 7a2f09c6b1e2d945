/** The files that ship, as they stand in the repository. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { arrows } from '../../arrows.mjs';
import { packCss } from '../../packCss.mjs';
import { unpack } from '../../src/css/unpack';

const lab = join(import.meta.dirname, '..', '..', 'labextension');
const statics = join(import.meta.dirname, '..', '..', '..', 'nbext', 'static');
const files = readdirSync(join(lab, 'static'));
const entries = files.filter((name) => name.startsWith('remoteEntry.'));
const chunks = files.filter((name) => name.startsWith('more.'));
const manifest = JSON.parse(readFileSync(join(lab, 'package.json'), 'utf8'));
const bundles = [
  join(lab, 'static', entries[0] ?? ''),
  join(lab, 'static', chunks[0] ?? ''),
  ...['viewer', 'page', 'more', 'registry'].map((name) => join(statics, `${name}.js`)),
];

describe('bundles', () => {
  it.each(bundles)('%s is at most 180 kB', (path) => {
    expect(readFileSync(path).byteLength).toBeLessThanOrEqual(180_000);
  });

  it('the module that is stored with widgets is tiny', () => {
    expect(readFileSync(join(statics, 'registry.js')).byteLength).toBeLessThan(2_000);
  });

  it.each(bundles)('%s asks no server for anything and makes no HTML or code of text', (path) => {
    const code = readFileSync(path, 'utf8');
    const addresses = [...code.matchAll(/https?:\/\/[^\s"'`\\)]+/g)].map(([url]) => url);
    // Namespaces are names; the other stands for an address that is not known, in what is copied.
    const known = /^http:\/\/www\.w3\.org\/|^https:\/\/gateway\.example$/;
    expect(addresses.filter((url) => !known.test(url))).toEqual([]);
    expect(code).not.toMatch(/\b(fetch|XMLHttpRequest|WebSocket|sendBeacon|importScripts)\s*\(/);
    expect(code).not.toMatch(/\beval\(|new Function\(|document\.write|insertAdjacentHTML|outerHTML\s*=/);
    expect(code).not.toMatch(/\/(?:work|home|tmp)\//);
  });

  it('the script of a page cannot end its own script element', () => {
    for (const name of ['page.js', 'more.js'])
      expect(readFileSync(join(statics, name), 'utf8')).not.toMatch(/<\/script|<!--/i);
  });
});

describe('the second chunk', () => {
  it('is a function of what the first gives, under the name that each of them looks for', () => {
    const code = readFileSync(join(statics, 'more.js'), 'utf8');
    const id = /Symbol\.for\("(nbext\.more\.[0-9a-f]{16})"\)/.exec(code)?.[1] ?? '';
    expect(id).not.toBe('');
    for (const path of bundles.filter((name) => /remoteEntry|viewer|page/.test(name)))
      expect(readFileSync(path, 'utf8')).toContain(id);
    const page: Record<symbol, unknown> = {};
    new Function('globalThis', code)(page);
    expect(page[Symbol.for(id)]).toBeTypeOf('function');
    // No framework of its own: elements are made by the first chunk's.
    expect(code).not.toContain('createElementNS');
  });
});

describe('labextension', () => {
  it('has one entry, named by its content and by the manifest, and one chunk that it names', () => {
    expect(entries).toHaveLength(1);
    expect(chunks).toHaveLength(1);
    expect(files).toHaveLength(2);
    expect(readFileSync(join(lab, 'static', entries[0] ?? ''), 'utf8')).toContain(chunks[0]);
    const hash = createHash('sha256')
      .update(readFileSync(join(lab, 'static', entries[0] ?? '')))
      .digest('hex');
    expect(entries[0]).toBe(`remoteEntry.${hash.slice(0, 16)}.js`);
    expect(manifest.name).toBe('nbext');
    expect(manifest.jupyterlab).toMatchObject({
      mimeExtension: true,
      _build: { load: `static/${entries[0]}`, mimeExtension: './mimeExtension' },
    });
  });

  it('is a container that gives the renderer JupyterLab asks for', async () => {
    const page: Record<string, unknown> = {};
    const code = readFileSync(join(lab, 'static', entries[0] ?? ''), 'utf8');
    new Function('window', code)(page);
    const container = (
      page._JUPYTERLAB as Record<
        string,
        { init(scope: unknown): void; get(name: string): Promise<() => { default: never }> }
      >
    ).nbext;
    const lumino = (version: string, loaded: boolean) => ({
      [version]: { loaded, get: async () => () => ({ Widget: class {} }) },
    });
    container?.init({ '@lumino/widgets': { ...lumino('2.5.0', false), ...lumino('2.3.1', true) } });
    const module = (await container?.get('./mimeExtension'))?.();
    expect(Object.isFrozen(module)).toBe(false);
    expect(module?.default).toMatchObject({
      rank: -20,
      dataType: 'json',
      rendererFactory: { safe: true, defaultRank: -20, mimeTypes: ['application/vnd.nbext.trace.v1+json'] },
    });
  });
});

describe('what makes the bundles small', () => {
  it('packs style sheets without loss', () => {
    const folder = join(import.meta.dirname, '..', '..', 'src', 'css');
    const css = readFileSync(join(folder, 'live.css'), 'utf8') + readFileSync(join(folder, 'tokens.css'), 'utf8');
    const { text, keys, pieces } = packCss(css);
    expect(text.length).toBeLessThan(css.length / 2);
    expect(unpack(text, keys, pieces)).toBe(css);
  });

  it('makes arrows of functions, and of no function that needs to be one', () => {
    const code =
      '(()=>{"use strict";let seen=later(2);function later(n){return n*two}var two=2;function Old(){this.x=1}' +
      'function* many(){yield 1}async function soon(a,{b}){return{a,b}}function all(){return arguments.length}' +
      'globalThis.out=[seen,later(3),new Old().x,[...many()],soon(1,{b:2}),all(1,2)]})();';
    const small = arrows(code);
    expect(small).toContain('later=n=>n*two');
    expect(small).toContain('soon=async (a,{b})=>({a,b})');
    for (const kept of ['function Old', 'function* many', 'function all']) expect(small).toContain(kept);
    const run = (text: string) => {
      new Function('globalThis', text)(globalThis);
      const [seen, third, x, many, , count] = (globalThis as unknown as { out: unknown[] }).out;
      return [seen, third, x, many, count];
    };
    expect(run(small)).toEqual(run(code));
  });
});
