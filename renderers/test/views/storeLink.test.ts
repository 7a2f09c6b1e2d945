// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from 'vitest';
import { agent } from '../../dev/fixtures/agent';
import { mount } from '../../src/views/mount';
import { jsonStore } from '../../src/wire/jsonStore';
import type { View } from '../../src/wire/store';

const PAGE = 'http://127.0.0.1:5000/#/experiments/3/traces?selectedEvaluationId=tr-1';

let view: View | undefined;
afterEach(() => {
  view?.destroy();
  document.body.replaceChildren();
});

function links(more: object): HTMLAnchorElement[] {
  const place = document.createElement('div');
  document.body.append(place);
  view = mount(place, jsonStore({ ...agent(), ...more }));
  const root = (place.firstElementChild as HTMLElement).shadowRoot as ShadowRoot;
  return [...root.querySelectorAll<HTMLAnchorElement>('.nb-note a')];
}

describe('the page of a trace in its store', () => {
  it.each([
    ['of a loaded trace', { page: PAGE }],
    ['of an exported one', { export: { to: 'http://127.0.0.1:5000', exported: 1, page: PAGE } }],
  ])('%s is a link that tells the page nothing', (_, more) => {
    const [link, ...others] = links(more);
    expect(others).toEqual([]);
    expect(link?.textContent).toBe('Open in MLflow');
    expect(link?.getAttribute('href')).toBe(PAGE);
    expect(link?.rel).toContain('noopener');
    expect(link?.target).toBe('_blank');
  });

  it.each(['javascript:alert(1)', 'mailto:a@b', 'http://me:secret@host/', 'data:text/html,x', ''])(
    'is no link where it is %s',
    (page) => {
      expect(links({ page })).toEqual([]);
      expect(links({ export: { to: 'x', exported: 1, page } })).toEqual([]);
    },
  );
});
