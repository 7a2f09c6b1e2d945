import { defineConfig } from 'vitest/config';

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [
    {
      // The bundles take a stylesheet as one string; the tests do too.
      name: 'css-as-text',
      enforce: 'pre',
      async load(id: string) {
        if (!id.endsWith('.css')) return undefined;
        const { readFile } = await import('node:fs/promises');
        return `export default ${JSON.stringify(await readFile(id, 'utf8'))}`;
      },
    },
  ],
  test: {
    setupFiles: ['test/setup.ts'],
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'], testTimeout: 20_000,
  },
});
