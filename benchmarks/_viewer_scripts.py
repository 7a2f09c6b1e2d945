"""What the page of the viewer benchmark runs: how each viewer is begun and pressed, and the clocks."""

from __future__ import annotations

import json

MIME = "application/vnd.nbext.trace.v1+json"

# What JupyterLab gives an extension, as far as ours takes it.
LAB = """
window.begin = async (bundle) => {
  class Widget {
    constructor() { this.node = document.createElement('div'); this.isAttached = false; this.parent = null; }
    addClass(name) { this.node.classList.add(name); }
    dispose() {}
  }
  const container = window._JUPYTERLAB.nbext;
  container.init({ '@lumino/widgets': { '2.0.0': { loaded: 1, get: async () => () => ({ Widget }) } } });
  const { default: extension } = (await container.get('./mimeExtension'))();
  return () => {
    const renderer = extension.rendererFactory.createRenderer();
    document.body.append(renderer.node);
    renderer.renderModel({ trusted: true, data: { [MIME]: bundle }, metadata: {}, setData() {} });
  };
};
window.root = () => document.querySelector('.nbext-view')?.shadowRoot;
window.rows = () => root()?.querySelectorAll('[role=treegrid] [role=row]') ?? [];
window.scroller = () => root()?.querySelector('.nb-rows');
window.press = (row) => row.querySelector('b').click();
window.opened = () => root()?.querySelector('.nb-detail [role=tabpanel]')?.textContent;
window.unfold = () => {
  const button = root().querySelector('.nb-foot button');
  if (button?.textContent.startsWith('Unfold')) button.click();
};
""".replace("MIME", json.dumps(MIME), 1).replace("[MIME]", f"[{json.dumps(MIME)}]")

TRACEVIEW = """
window.begin = async (traits) => {
  const { default: view } = await import('./traceview.js');
  const handlers = {};
  const model = {
    get: (name) => traits[name],
    set: (name, value) => {
      traits[name] = value;
      for (const f of handlers['change:' + name] ?? []) f();
    },
    save_changes() {}, send() {},
    on: (name, f) => { (handlers[name] ??= new Set()).add(f); },
    off: (name, f) => { handlers[name]?.delete(f); },
  };
  return () => {
    const el = document.createElement('div');
    document.body.append(el);
    view.initialize?.({ model });
    view.render({ model, el });
  };
};
window.root = () => document.body;
window.rows = () => document.querySelectorAll('.tv-span');
window.scroller = () => document.querySelector('.tv-rows');
window.press = (row) => {
  for (const kind of ['pointerdown', 'pointerup', 'click'])
    row.dispatchEvent(new PointerEvent(kind, { bubbles: true, button: 0, isPrimary: true }));
};
window.opened = () => document.querySelector('.tv-details')?.textContent;
window.unfold = () => {};
"""

# Painted: two frames after it is in the page.
MEASURES = """
window.frame = () => new Promise(requestAnimationFrame);
window.until = async (found) => {
  const end = performance.now() + 60000;
  while (!found()) { if (performance.now() > end) throw new Error('nothing came'); await frame(); }
  await frame();
};
window.measure = async (data) => {
  const draw = await begin(data);
  await frame();
  const start = performance.now();
  draw();
  await until(() => rows().length > 0);
  return { paint: performance.now() - start, rows: rows().length };
};
window.mounted = 0;
window.scroll = async () => {
  unfold();
  await frame(); await frame();
  const box = scroller(), times = [];
  let last = await frame();
  for (let i = 0; i < 90; i++) {
    box.scrollTop = ((i * 379) % Math.max(1, box.scrollHeight));
    const now = await frame();
    times.push(now - last);
    mounted = Math.max(mounted, rows().length);
    last = now;
  }
  times.sort((a, b) => a - b);
  box.scrollTop = 0;
  await frame(); await frame();
  return times[Math.floor(times.length * 0.95)];
};
window.click = async (place) => {
  const list = [...rows()], before = opened();
  const start = performance.now();
  press(list[Math.min(place, list.length - 1)]);
  const end = performance.now() + 20000;
  while ((opened() ?? '') === (before ?? '')) { if (performance.now() > end) return null; await frame(); }
  return performance.now() - start;
};
"""
