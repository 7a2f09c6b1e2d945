import { Component, type ComponentChild, type FunctionComponent } from 'preact';
import { useMemo } from 'preact/hooks';
import { effect, type Signal, signal } from './signals';

/**
 * A component that is drawn again when a signal it read while drawing changes.
 */
export function watched<P extends object>(draw: (props: P) => ComponentChild): FunctionComponent<P> {
  class Watched extends Component<P> {
    private stop: (() => void) | undefined;

    override render(props: P): ComponentChild {
      this.stop?.();
      let drawn: ComponentChild = null;
      let first = true;
      this.stop = effect(() => {
        if (first) drawn = draw(props);
        else this.setState({});
        first = false;
      });
      return drawn;
    }

    override componentWillUnmount(): void {
      this.stop?.();
    }
  }
  // A class and a function are both called by their props; the narrower type keeps JSX simple.
  return Watched as unknown as FunctionComponent<P>;
}

/** A signal of one component's own. */
export function useLocal<T>(first: T): Signal<T> {
  return useMemo(() => signal(first), []);
}
