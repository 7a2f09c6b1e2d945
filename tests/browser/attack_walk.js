/*
 * Runs in the page: looks at everything a view can show of its data, and for what must not be in it.
 * `walkTrace` steps through the rows of a trace with the detail open, `openCall` opens a view of one call.
 */
/* A task later: all that is due is drawn. A timer would wait 4 ms each time. */
const pause = () =>
  new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = done;
    port2.postMessage(null);
  });

/** Wait for the view to draw, however slow the machine; gives up rather than hang. */
async function until(found) {
  const end = performance.now() + 10_000;
  for (;;) {
    const got = found();
    if (got || performance.now() > end) return got;
    await pause();
  }
}

const FORBIDDEN = 'script,iframe,frame,object,embed,base,meta,link,form,portal,svg a,svg use,svg image,foreignObject,video,applet';
const SCHEME = /^\s*(?:https?|mailto):/i;

/** Elements and attributes that a text can only have made by being read as markup. */
function bad(root, own = 1) {
  const found = [];
  for (const el of root.querySelectorAll('*')) {
    if (el.matches(FORBIDDEN)) found.push(`<${el.localName}>`);
    if (el.localName === 'style' && el.textContent.includes('leak.invalid')) found.push('<style> of a text');
    if (el.localName === 'img' && !el.src.startsWith('data:image/')) found.push(`<img src=${el.src}>`);
    for (const { name, value } of el.attributes) {
      if (/^on/i.test(name)) found.push(`${el.localName} ${name}`);
      if (/^data-(?:commandlinker|jupyter)/i.test(name)) found.push(`${el.localName} ${name}`);
      if (name === 'style' && /url\(|expression|leak/i.test(value)) found.push(`style ${value}`);
      if (/^(?:href|src|srcset|action|formaction|poster|ping|background|xlink:href)$/i.test(name)) {
        const link = el.localName === 'a' && name === 'href' && SCHEME.test(value);
        const image = name === 'src' && value.startsWith('data:');
        if (!link && !image) found.push(`${el.localName} ${name}=${value}`);
      }
    }
    if (el.localName === 'a' && !/noopener/.test(el.rel)) found.push('a link without noopener');
    if (el.shadowRoot) found.push(...bad(el.shadowRoot, 0));
  }
  return found;
}

const views = () => [...document.querySelectorAll('.nbext-view')].map((host) => host.shadowRoot);

/** Open every fold, press every "more" and every "show"; links and copies are left alone. */
async function unfold(root) {
  for (let round = 0; round < 3; round++) {
    const closed = [...root.querySelectorAll('details:not([open])')];
    const more = [...root.querySelectorAll('.nb-more, .nb-hidden button, .nb-reason button, .nb-media button')];
    for (const details of closed) details.open = true;
    for (const button of more) button.click();
    if (!closed.length && !more.length) return;
    await pause();
  }
}

async function everyTab(pane, found) {
  const tabs = pane.querySelectorAll('[role=tab]').length;
  for (let i = 0; i < tabs; i++) {
    pane.querySelectorAll('[role=tab]')[i].click();
    await pause();
    const sides = pane.querySelectorAll('.nb-switch button[aria-pressed]').length;
    for (let j = 0; j < Math.max(1, sides); j++) {
      pane.querySelectorAll('.nb-switch button[aria-pressed]')[j]?.click();
      await pause();
      await unfold(pane);
      found.push(...bad(pane));
    }
  }
}

const key = (el, name) => el.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true, composed: true, cancelable: true }));

window.walkTrace = async () => {
  const [root] = views();
  const found = bad(root);
  const rows = root.querySelector('[role=treegrid]');
  rows.focus();
  key(rows, 'Home');
  const selected = () => rows.querySelector('[aria-selected=true]');
  const shown = new Set();
  for (;;) {
    await until(() => root.querySelector('.nb-detail') ?? void key(rows, 'Enter'));
    const row = await until(selected);
    if (!row) throw new Error('no row is selected');
    const at = Number(row.getAttribute('aria-rowindex'));
    if (shown.has(at)) break;
    if (row.getAttribute('aria-expanded') === 'false') {
      key(rows, 'ArrowRight');
      await pause();
    }
    shown.add(at);
    await everyTab(root.querySelector('.nb-detail'), found);
    rows.focus();
    key(rows, 'ArrowDown');
    await pause();
  }
  found.push(...bad(root));
  return { spans: shown.size, found: [...new Set(found)] };
};

window.openCalls = async () => {
  const found = [];
  for (const root of views()) {
    found.push(...bad(root));
    root.querySelector('.nb-one')?.click();
    await pause();
    await unfold(root);
    found.push(...bad(root));
  }
  return { views: views().length, open: views().filter((r) => r.querySelector('.nb-one .nb-pane')).length, found: [...new Set(found)] };
};
