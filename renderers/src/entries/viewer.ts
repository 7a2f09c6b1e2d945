/** The anywidget module with the viewer in it, for hosts that have no renderer of ours. */
import { more } from '../views/more/load';
import { mount } from '../views/mount';
import { type ModelStore, modelStore } from '../wire/modelStore';
import { announce, registry, type WidgetModel } from '../wire/registry';

/** The second chunk comes from the kernel, since no server of ours is here; kept in the page, it is asked for once. */
const stores = new Set<ModelStore>();
more.bring = async () => {
  const store = [...stores].find((each) => each.liveness() === 'live');
  if (!store) throw new Error('It comes from the kernel, and there is none. Run the cell.');
  const url = URL.createObjectURL(new Blob([String(await store.ask('more'))], { type: 'text/javascript' }));
  await import(url);
  URL.revokeObjectURL(url);
};

interface Drawn {
  model: WidgetModel;
  el: HTMLElement;
}

function initialize({ model }: { model: WidgetModel }): () => void {
  return announce(model);
}

function render({ model, el }: Drawn): () => void {
  const uid = String(model.get('uid'));
  // Fetched from the kernel by the small module, this one was never initialised.
  const quit = registry().models.has(uid) ? undefined : announce(model);
  const entry = registry().models.get(uid);
  if (!entry) return () => undefined;
  const store = modelStore(entry);
  stores.add(store);
  const view = mount(el, store);
  return () => {
    view.destroy();
    store.destroy();
    stores.delete(store);
    quit?.();
  };
}

export default { initialize, render };
