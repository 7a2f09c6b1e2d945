/**
 * The anywidget module where our JupyterLab extension draws: it only announces its model, so that a
 * saved widget state stays tiny. Should it be asked to draw after all (the server has no extension),
 * it gets the viewer from the kernel.
 */
import { announce, type WidgetModel } from '../wire/registry';

interface Drawn {
  model: WidgetModel;
  el: HTMLElement;
}
type Viewer = { default: { render(drawn: Drawn): unknown } };

/** The kernel answers once it is idle; a traced cell may run for long. */
const VIEWER_TIMEOUT_MS = 600_000;

function askForViewer(model: WidgetModel): Promise<string> {
  return new Promise((resolve, reject) => {
    const id = `viewer-${Math.random().toString(36).slice(2)}`;
    const stop = () => model.off('msg:custom', answer as (...args: never[]) => void);
    const answer = (message: { kind?: string; id?: string; error?: string; value?: unknown }) => {
      if (message?.kind !== 'answer' || message.id !== id) return;
      stop();
      if (typeof message.value === 'string') resolve(message.value);
      else reject(new Error(message.error ?? 'The kernel sent no viewer.'));
    };
    setTimeout(() => {
      stop();
      reject(new Error('The kernel did not send the viewer.'));
    }, VIEWER_TIMEOUT_MS);
    model.on('msg:custom', answer as (...args: never[]) => void);
    model.send({ kind: 'ask', id, what: 'viewer' });
  });
}

async function render(drawn: Drawn): Promise<unknown> {
  try {
    const code = await askForViewer(drawn.model);
    const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
    const viewer = (await import(url)) as Viewer;
    URL.revokeObjectURL(url);
    return viewer.default.render(drawn);
  } catch (error) {
    drawn.el.textContent = `The trace cannot be drawn here. ${error instanceof Error ? error.message : String(error)}`;
    return undefined;
  }
}

export default { initialize: ({ model }: { model: WidgetModel }) => announce(model), render };
