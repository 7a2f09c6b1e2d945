/**
 * Signals: values that know who read them. The same use as `@preact/signals-core`, in a quarter of its
 * size, which the budget of the bundle does not have.
 *
 * A change marks what depends on it, directly or not, as stale; nothing is computed until it is read.
 * An effect runs again only if a value it read is really another one, so a computed value that comes
 * out the same stops the change there.
 */

/** Something that reads sources while it runs. */
interface Reader {
  /** What it read last time, in which version. */
  reads: Map<Source, number>;
  /** A source may have changed. */
  mark(): void;
}

abstract class Source {
  readonly readers = new Set<Reader>();
  version = 0;

  /** Bring the value up to date, and count the version up if it is another one. */
  refresh(): void {}

  protected seen(): void {
    this.refresh();
    if (!reading) return;
    reading.reads.set(this, this.version);
    this.readers.add(reading);
  }

  protected tell(): void {
    for (const reader of [...this.readers]) reader.mark();
  }
}

let reading: Reader | null = null;
let batches = 0;
const waiting = new Set<Effect>();

/** Run with the reads going to `reader` (null: to nobody); what it read before is forgotten. */
function readAs<T>(reader: Reader | null, run: () => T): T {
  if (reader) forget(reader);
  const outer = reading;
  reading = reader;
  try {
    return run();
  } finally {
    reading = outer;
  }
}

function forget(reader: Reader): void {
  for (const source of reader.reads.keys()) source.readers.delete(reader);
  reader.reads.clear();
}

/** Did a source that was read come out as another value? In the order of reading: later ones may depend on earlier. */
function changed(reader: Reader): boolean {
  for (const [source, version] of reader.reads) {
    readAs(null, () => source.refresh());
    if (source.version !== version) return true;
  }
  return false;
}

export interface ReadonlySignal<T> {
  readonly value: T;
  /** The value, without becoming a reader of it. */
  peek(): T;
  /** Called now and after each change; returns the end of it. */
  subscribe(call: (value: T) => void): () => void;
}

export interface Signal<T> extends ReadonlySignal<T> {
  value: T;
}

class State<T> extends Source implements Signal<T> {
  constructor(private now: T) {
    super();
  }

  get value(): T {
    this.seen();
    return this.now;
  }

  set value(next: T) {
    if (Object.is(next, this.now)) return;
    this.now = next;
    this.version++;
    batch(() => this.tell());
  }

  peek(): T {
    return this.now;
  }

  subscribe(call: (value: T) => void): () => void {
    return follow(this, call);
  }
}

class Computed<T> extends Source implements ReadonlySignal<T>, Reader {
  readonly reads = new Map<Source, number>();
  private stale = true;
  private now: T | undefined;

  constructor(private readonly compute: () => T) {
    super();
  }

  mark(): void {
    if (this.stale) return;
    this.stale = true;
    this.tell();
  }

  override refresh(): void {
    if (!this.stale) return;
    if (this.version === 0 || changed(this)) {
      const next = readAs(this, this.compute);
      if (this.version === 0 || !Object.is(next, this.now)) this.version++;
      this.now = next;
    }
    // Only now: if the computation throws, the next reader tries again.
    this.stale = false;
  }

  get value(): T {
    this.seen();
    return this.now as T;
  }

  peek(): T {
    return readAs(null, () => this.value);
  }

  subscribe(call: (value: T) => void): () => void {
    return follow(this, call);
  }
}

class Effect implements Reader {
  readonly reads = new Map<Source, number>();

  constructor(private readonly run: () => void) {
    readAs(this, run);
  }

  mark(): void {
    waiting.add(this);
  }

  again(): void {
    if (changed(this)) readAs(this, this.run);
  }
}

function follow<T>(source: ReadonlySignal<T>, call: (value: T) => void): () => void {
  return effect(() => {
    const { value } = source;
    readAs(null, () => call(value));
  });
}

export function signal<T>(first: T): Signal<T> {
  return new State(first);
}

export function computed<T>(compute: () => T): ReadonlySignal<T> {
  return new Computed(compute);
}

/** Run now, and again when something it read is another value; returns the end of it. */
export function effect(run: () => void): () => void {
  const made = new Effect(run);
  return () => {
    waiting.delete(made);
    forget(made);
  };
}

/** Several changes as one: effects run after the last. */
export function batch(run: () => void): void {
  batches++;
  try {
    run();
  } finally {
    if (batches === 1) {
      for (const one of waiting) {
        waiting.delete(one);
        one.again();
      }
    }
    batches--;
  }
}
