import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batch, computed, effect, signal } from '../../src/views/signals';

describe('signals', () => {
  it('runs an effect once for a change, also when two of its sources depend on it', () => {
    const a = signal(1);
    const twice = computed(() => a.value * 2);
    const seen: number[][] = [];
    effect(() => {
      seen.push([a.value, twice.value]);
    });
    a.value = 2;
    expect(seen).toEqual([
      [1, 2],
      [2, 4],
    ]);
  });

  it('stops at a computed value that comes out the same', () => {
    const a = signal(1);
    const floor = computed(() => Math.floor(a.value / 10));
    let runs = 0;
    effect(() => {
      floor.value;
      runs++;
    });
    a.value = 5;
    a.value = 9;
    expect(runs).toBe(1);
    a.value = 10;
    expect(runs).toBe(2);
  });

  it('computes nothing that nobody reads', () => {
    const a = signal(1);
    let runs = 0;
    const b = computed(() => {
      runs++;
      return a.value;
    });
    a.value = 2;
    expect(runs).toBe(0);
    expect([b.value, b.value, runs]).toEqual([2, 2, 1]);
  });

  it('follows what was read last, not what was read once', () => {
    const which = signal(true);
    const a = signal('a');
    const b = signal('b');
    const seen: string[] = [];
    effect(() => {
      seen.push(which.value ? a.value : b.value);
    });
    b.value = 'B';
    which.value = false;
    a.value = 'A';
    expect(seen).toEqual(['a', 'B']);
  });

  it('takes several changes as one, and peeks without following', () => {
    const a = signal(1);
    const b = signal(1);
    const seen: number[] = [];
    const end = effect(() => {
      seen.push(a.value + b.peek());
    });
    batch(() => {
      a.value = 2;
      a.value = 3;
      b.value = 10;
    });
    b.value = 20;
    end();
    a.value = 4;
    expect(seen).toEqual([2, 13]);
  });

  it('tries a computation that threw again', () => {
    const a = signal(0);
    const b = computed(() => {
      if (a.value === 0) throw new Error('zero');
      return a.value;
    });
    expect(() => b.value).toThrow('zero');
    a.value = 1;
    expect(b.value).toBe(1);
  });

  it('always shows what a plain computation would, whatever changes in whatever order', () => {
    const changes = fc.array(fc.tuple(fc.nat(3), fc.integer({ min: -5, max: 5 })), { maxLength: 40 });
    fc.assert(
      fc.property(changes, (list) => {
        const inputs = [0, 0, 0, 0].map((x) => signal(x));
        const at = (i: number) => inputs[i]?.value ?? 0;
        const sum = computed(() => at(0) + at(1));
        const sign = computed(() => Math.sign(sum.value));
        const pick = computed(() => (sign.value > 0 ? at(2) : at(3)));
        const both = computed(() => pick.value * 10 + sign.value);
        let shown = Number.NaN;
        effect(() => {
          shown = both.value;
        });
        const plain = [0, 0, 0, 0];
        for (const [i, x] of list) {
          const input = inputs[i];
          if (input) input.value = x;
          plain[i] = x;
          const [a = 0, b = 0, c = 0, d = 0] = plain;
          const wanted = (Math.sign(a + b) > 0 ? c : d) * 10 + Math.sign(a + b);
          expect(shown + 0).toBe(wanted + 0);
        }
      }),
    );
  });
});
