import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Commands } from './commands';
import type { ViewState } from './state';

export interface ViewContext {
  state: ViewState;
  commands: Commands;
}

const Context = createContext<ViewContext | null>(null);

export const ViewProvider = Context.Provider;

export function useView(): ViewContext {
  const view = useContext(Context);
  if (!view) throw new Error('a part of the view was drawn outside of it');
  return view;
}
