// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';
import { agent } from '../../dev/fixtures/agent';
import { close, drawn, show } from './shown';

describe('data that is being unpacked', () => {
  function waiting() {
    const tell = new Set<() => void>();
    let ready = false;
    const shown = show(agent(), (store) => ({
      ...store,
      get: () => (ready ? store.get() : { ...agent(), spans: [] }),
      readiness: () => (ready ? 'ready' : 'loading'),
      subscribe(changed) {
        tell.add(changed);
        return () => tell.delete(changed);
      },
    }));
    const come = () => {
      ready = true;
      for (const changed of [...tell]) changed();
    };
    return { ...shown, come };
  }

  it('is drawn once when it comes soon', async () => {
    const { one, all, come } = waiting();
    expect(one('.nb')?.childElementCount).toBe(0);
    come();
    await drawn();
    expect(all('.nb-slab .nb-row')).toHaveLength(25);
  });

  it('says so when it takes long', async () => {
    const { one, all, come } = waiting();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(one('[role=status]')?.getAttribute('aria-label')).toBe('Reading the saved trace');
    come();
    await drawn();
    expect(all('.nb-slab .nb-row')).toHaveLength(25);
  });

  it('is not drawn any more where the view is gone', async () => {
    const { root, come } = waiting();
    close();
    come();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(root.querySelector('.nb-row, .nb-skel')).toBeNull();
  });
});
