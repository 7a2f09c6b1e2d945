import { mount } from '../../views/mount';
import { jsonStore } from '../../wire/jsonStore';
import { type ModelStore, modelStore } from '../../wire/modelStore';
import { type Announced, registry } from '../../wire/registry';
import type { Store, View } from '../../wire/store';
import { kernelAlive, sameKernel, sessionAbove, watchSession } from './session';
import type { MimeModel, SessionContext, WidgetClass } from './types';
import { MIME, writeBack } from './writeBack';

/** The renderer class; made late, since its base class comes out of the application. */
export function rendererClass(Widget: WidgetClass) {
  return class TraceRenderer extends Widget {
    private model: MimeModel | null = null;
    private view: View | null = null;
    private saved: Store | null = null;
    private bound: { entry: Announced; store: ModelStore; end: () => void } | null = null;
    private session: SessionContext | null = null;
    private unwatch: (() => void) | null = null;
    private readonly look = () => this.bindIfAlive();

    constructor() {
      super();
      this.addClass('nbext-trace');
      registry().target.addEventListener('model', this.look);
    }

    /** Draw at once from the data; called again when the output is updated in place. */
    async renderModel(model: MimeModel): Promise<void> {
      this.model = model;
      // A copy: what the notebook holds must not change under it, nor ours under us.
      const data = structuredClone(model.data[MIME]);
      const saved = jsonStore(data, model.trusted === false ? 'untrusted' : 'saved');
      this.saved = saved;
      // Nothing of the model's own yet: the new data is the better beginning.
      if (this.bound && !this.bound.store.filled()) this.unbind();
      if (this.bound) return;
      if (this.view) this.view.bind(saved);
      else this.view = mount(this.node, saved);
      if (saved.readiness?.() === 'loading') saved.subscribe(this.look);
      this.bindIfAlive();
    }

    protected onAfterAttach(): void {
      this.unwatch?.();
      this.session = sessionAbove(this);
      this.unwatch = watchSession(this.session, this.look);
      this.bindIfAlive();
    }

    protected onBeforeDetach(): void {
      this.unwatch?.();
      this.unwatch = null;
    }

    override dispose(): void {
      if (this.isDisposed) return;
      registry().target.removeEventListener('model', this.look);
      this.unwatch?.();
      this.unbind();
      this.view?.destroy();
      super.dispose();
    }

    private bindIfAlive(): void {
      if (!this.isAttached || !this.model || !this.view || !this.saved) return;
      if (this.saved.readiness?.() === 'loading') return;
      // Untrusted: not even looked up.
      if (this.model.trusted === false) return;
      const uid = String((this.model.data[MIME] as { uid?: unknown } | undefined)?.uid ?? '');
      const entry = registry().models.get(uid);
      const ours = !!entry && sameKernel(this.session, entry.model.widget_manager?.kernel?.id);
      if (this.bound && entry && entry !== this.bound.entry && ours) this.unbind();
      if (entry && ours && !this.bound) this.bindTo(entry);
      // Shutting a kernel down is not told to the comm: the session knows.
      this.bound?.store.setKernel(kernelAlive(this.session) && (ours || !this.session));
    }

    private bindTo(entry: Announced): void {
      const store = modelStore(entry, this.saved?.get());
      const stop = writeBack(() => this.model, store);
      this.bound = {
        entry,
        store,
        end: () => {
          stop();
          store.destroy();
        },
      };
      this.view?.bind(store);
    }

    private unbind(): void {
      this.bound?.end();
      this.bound = null;
    }
  };
}
