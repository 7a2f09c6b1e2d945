import type { Structured } from '../../../model/structured';
import { brief } from '../../parts/brief';
import { Pill } from '../../parts/Pill';

/** Whether the answer keeps to the schema that was asked for, and where it does not. */
export function Schema({ of }: { of: Structured }) {
  const name = brief(of.name ?? 'JSON', 80);
  if (of.ok) {
    return (
      <div class="nb-schema">
        <Pill icon="check" word="fits the schema" value={name} />
      </div>
    );
  }
  const { mismatch } = of;
  return (
    <div class="nb-schema">
      <Pill icon="error" tone="err" word="does not fit the schema" value={name} />
      {mismatch && (
        <span class="err">
          {mismatch.path && <code>{brief(mismatch.path)}</code>} {brief(mismatch.message, 500)}
        </span>
      )}
    </div>
  );
}
