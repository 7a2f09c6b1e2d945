/** Two captures beside each other. */
import type { Wire, WireZipped } from './types';

/** A Wire in any of its stored forms: plain, with a string table, zipped. */
export type StoredWire = Wire | WireZipped;

/** The page computes which spans belong together, see model/diff.ts. */
export interface WireCompare {
  v: 1;
  kind: 'compare';
  uid: string;
  state: 'done';
  /** The earlier one: drawn grey. */
  a: WireSide;
  /** The later one: drawn in the brand colour. */
  b: WireSide;
  saved?: string;
}

export interface WireSide {
  /** `run 3`; A or B is put before it. */
  label?: string;
  wire: StoredWire;
}
