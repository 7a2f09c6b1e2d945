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
window.notice = () => root().querySelector('.nb-foot span')?.textContent ?? '';
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
window.notice = () => '';
"""

# The same for all viewers. The clock of the first paint begins in a page at rest, at a frame, and ends
# one frame after the first row is found: a row is found before its frame is painted, or just after that.
MEASURES = """
window.frame = () => new Promise(requestAnimationFrame);
window.sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
window.rest = async () => {
  await sleep(300);
  await new Promise((resolve) => requestIdleCallback(resolve, { timeout: 2000 }));
  await frame();
};
window.until = async (found) => {
  const end = performance.now() + 60000;
  while (!found()) { if (performance.now() > end) throw new Error('nothing came'); await frame(); }
  await frame();
};
window.ready = async (data) => { window.draw = await begin(data); await rest(); };
window.measure = async () => {
  await frame();
  const start = performance.now();
  draw();
  await until(() => rows().length > 0);
  return performance.now() - start;
};
window.p95 = (times) => times.sort((a, b) => a - b)[Math.floor(times.length * 0.95)];
window.mounted = 0;
window.scrollBox = async (box, each) => {
  const times = [], height = box.scrollHeight;
  let last = await frame();
  for (let i = 0; i < 120; i++) {
    box.scrollTop = (i * 379) % Math.max(1, height);
    const now = await frame();
    times.push(now - last);
    each();
    last = now;
  }
  box.scrollTop = 0;
  await frame(); await frame();
  return p95(times);
};
window.openAll = async () => { unfold(); await rest(); };
window.scroll = () => scrollBox(scroller(), () => { mounted = Math.max(mounted, rows().length); });
// Plain lines of text, nothing else in the page: what a frame takes here at the least.
window.plain = async () => {
  const box = document.createElement('div');
  box.style = 'height:600px;overflow:auto;font:13px/24px sans-serif';
  for (let i = 0; i < 500; i++) {
    const line = document.createElement('div');
    line.textContent = 'line ' + i;
    box.append(line);
  }
  document.body.append(box);
  await rest();
  return scrollBox(box, () => {});
};
window.click = async (place) => {
  const list = [...rows()], before = opened() ?? '';
  const row = list[Math.min(place, list.length - 1)];
  const start = performance.now();
  press(row);
  const end = start + 20000;
  while ((opened() ?? '') === before) { if (performance.now() > end) return null; await frame(); }
  return performance.now() - start;
};
// A press falls anywhere between two frames: eight of them, spread evenly. The first compiles what the
// pane needs; what a user feels is the next ones.
window.clicks = async () => {
  const times = [], began = performance.now();
  await click(3);
  for (let i = 0; i < 8 && performance.now() - began < 3000; i++) {
    await frame(); await frame();
    await sleep(2 * i);
    times.push(await click([5, 2, 6, 3][i % 4]));
  }
  if (times.length === 0) times.push(await click(5));
  const known = times.filter((t) => t !== null).sort((a, b) => a - b);
  return known.length ? known[known.length >> 1] : null;
};
"""
