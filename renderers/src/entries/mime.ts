/**
 * The prebuilt JupyterLab extension: a module federation container written by hand (its contract has
 * held from JupyterLab 4.0 to 4.6), with one MIME renderer in it.
 */

import { parseAhead } from '../views/style';
import { bringByScript } from './lab/bring';
import { rendererClass } from './lab/renderer';
import { shared } from './lab/scope';
import type { ShareScope, WidgetClass } from './lab/types';
import { MIME } from './lab/writeBack';

/** Before ipywidgets' -10: where both are in a bundle, ours is drawn. */
const RANK = -20;

bringByScript();
// JupyterLab has the script long before the first trace.
parseAhead();

let scope: ShareScope = {};

async function extension() {
  const { Widget } = await shared<{ Widget: WidgetClass }>(scope, '@lumino/widgets');
  const TraceRenderer = rendererClass(Widget);
  return {
    id: 'nbext:mime',
    dataType: 'json',
    rank: RANK,
    rendererFactory: {
      // A promise: data reaches the page as text and attributes only, and no kernel is contacted
      // from an untrusted notebook. Without it nothing is drawn there.
      safe: true,
      mimeTypes: [MIME],
      defaultRank: RANK,
      createRenderer: () => new TraceRenderer(),
    },
  };
}

const page = window as unknown as { _JUPYTERLAB?: Record<string, unknown> };
page._JUPYTERLAB ??= {};
page._JUPYTERLAB.nbext = {
  init(given: ShareScope) {
    scope = given;
  },
  async get() {
    // JupyterLab writes to this object: a plain one, not a frozen module namespace.
    const module = { __esModule: true, default: await extension() };
    return () => module;
  },
};
