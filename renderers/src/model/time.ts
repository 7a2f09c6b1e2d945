/** The time axis: round ticks, places in percent, zoom and pan. */
import { duration } from './format';

/** A window of time, ms of the capture's clock. */
export interface Window {
  from: number;
  to: number;
}

// Seconds to minutes are read in 30s and 60s, not in 20s and 50s; hours in parts of a day.
const STEPS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 4e3, 5e3, 1e4, 2e4, 3e4, 6e4, 12e4, 3e5, 6e5, 12e5, 18e5, 36e5, 72e5,
  144e5, 216e5, 432e5, 864e5,
];

/** Distance of ticks: the smallest round one that gives at most `most` of them. */
export function tickStep(from: number, to: number, most: number): number {
  const length = to - from;
  if (!(length > 0) || !Number.isFinite(length) || most < 1) return 1;
  const least = length / most;
  const known = STEPS.find((step) => step >= least);
  if (known !== undefined && least > 0.5) return known;
  const unit = least > 864e5 ? 864e5 : 1;
  const power = unit * 10 ** Math.floor(Math.log10(least / unit));
  return ([1, 2, 5, 10].find((n) => n * power >= least) ?? 10) * power;
}

/** Round times in [from, to), at most `most`. */
export function ticks(from: number, to: number, most: number): number[] {
  if (!(to > from) || !Number.isFinite(to - from)) return [];
  const step = tickStep(from, to, most);
  const all: number[] = [];
  for (let i = Math.ceil(from / step - 1e-9); i * step < to && all.length < most; i++) all.push(i * step);
  return all;
}

/** px of a digit of the axis, and the air beside a label. */
const DIGIT = 6.2;
const AIR = 18;

/** How many ticks fit in so many px, at most `most`: where the labels are wide, fewer. */
export function fitting(from: number, to: number, px: number, most: number): number {
  const label = tickLabel(to, tickStep(from, to, most));
  return Math.max(2, Math.min(most, Math.floor(px / (label.length * DIGIT + AIR))));
}

/** `0`, `2 s`, `0.5 s`, `4 ms`, `2 min`, `6 h`: no more digits than the step needs. */
export function tickLabel(ms: number, step: number): string {
  if (ms === 0) return '0';
  if (step < 10) return `${ms.toFixed(step < 1 ? Math.min(3, Math.ceil(-Math.log10(step))) : 0)} ms`;
  if (step >= 36e5 && step % 36e5 === 0) return `${ms / 36e5} h`;
  if (step >= 60_000 && step % 60_000 === 0) return `${ms / 60_000} min`;
  const digits = step >= 1000 ? 0 : step >= 100 ? 1 : 2;
  return `${(ms / 1000).toFixed(digits)} s`;
}

/** Label of the time under the pointer. */
export function pointerLabel(ms: number): string {
  return duration(Math.max(0, ms));
}

/** Place in the window, 0 to 100; outside it, less or more. */
export function percent(t: number, from: number, to: number): number {
  return to > from ? ((t - from) / (to - from)) * 100 : 0;
}

/** Never below this, so that zoom comes back. */
const SHORTEST_MS = 0.05;

/** Zoom so that `at` stays where it is; `factor` < 1 comes nearer. */
export function zoom(view: Window, factor: number, at: number, bounds: Window): Window {
  const full = bounds.to - bounds.from;
  const length = Math.min(full, Math.max(Math.min(SHORTEST_MS, full), (view.to - view.from) * factor));
  const part = view.to > view.from ? Math.min(1, Math.max(0, (at - view.from) / (view.to - view.from))) : 0.5;
  return inside({ from: at - part * length, to: at + (1 - part) * length }, bounds);
}

/** Move by a part of the window's length. */
export function pan(view: Window, part: number, bounds: Window): Window {
  const by = (view.to - view.from) * part;
  return inside({ from: view.from + by, to: view.to + by }, bounds);
}

/** The window around a span, with some air. */
export function zoomTo(from: number, to: number, bounds: Window): Window {
  const air = Math.max((to - from) * 0.1, SHORTEST_MS);
  return inside({ from: from - air, to: to + air }, bounds);
}

/** Shift, then cut, so that the window lies in the bounds. */
export function inside(view: Window, bounds: Window): Window {
  const length = Math.min(view.to - view.from, bounds.to - bounds.from);
  const from = Math.min(Math.max(view.from, bounds.from), bounds.to - length);
  return { from, to: from + length };
}
