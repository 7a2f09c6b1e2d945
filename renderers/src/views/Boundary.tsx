import { Component, type ComponentChildren } from 'preact';
import { Failure } from './Notes';

/** Whatever goes wrong while drawing is said in the place of the view: never an empty box. */
export class Boundary extends Component<{ children: ComponentChildren }, { error?: string }> {
  override componentDidCatch(error: unknown): void {
    console.error(error);
    this.setState({ error: error instanceof Error ? error.message : String(error) });
  }

  override render() {
    const { error } = this.state;
    return error === undefined ? (
      this.props.children
    ) : (
      <Failure
        title="This trace cannot be drawn"
        text={`${error}. Your calls and what was recorded are not touched.`}
      />
    );
  }
}
