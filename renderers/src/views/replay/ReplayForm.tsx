import { useId, useState } from 'preact/hooks';
import { count } from '../../model/format';
import { shortModel } from '../../model/kind';
import { own } from '../../model/own';
import { type Editable, type Edits, editWord, type Form, isEditable, keyOf, shown } from '../../model/replay';
import { Button } from '../parts/Button';
import { brief } from '../parts/brief';

interface Props {
  form: Form;
  edits: Edits;
  edit: (edits: Edits) => void;
  models: string[];
  disabled: boolean;
}

/** The request as fields; only what changed says what it was. */
export function ReplayForm({ form, edits, edit, models, disabled }: Props) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const model = edits.model ?? form.model;
  const texts = form.messages.filter(isEditable);
  const changed = texts.filter((item) => (own(edits.texts, keyOf(item.path)) ?? item.text) !== item.text).length;
  const setText = (item: Editable, text: string) =>
    edit({ ...edits, texts: { ...edits.texts, [keyOf(item.path)]: text } });
  return (
    <div class="nb-rp">
      <label for={`${id}-model`}>model</label>
      <input
        class="nb-field"
        id={`${id}-model`}
        list={`${id}-models`}
        value={model}
        disabled={disabled}
        onInput={(event) => edit({ ...edits, model: event.currentTarget.value })}
      />
      <datalist id={`${id}-models`}>
        {models.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <Was on={model !== form.model} text={`was ${shortModel(form.model)}`} />
      {form.params.map(({ name, value }) => {
        const text = own(edits.params, name) ?? shown(value);
        return (
          <Field
            key={name}
            id={`${id}-${name}`}
            name={name}
            text={text}
            was={shown(value)}
            unset={value === undefined}
            disabled={disabled}
            set={(next) => edit({ ...edits, params: { ...edits.params, [name]: next } })}
          />
        );
      })}
      {form.system && (
        <TextField id={`${id}-system`} item={form.system} edits={edits} set={setText} disabled={disabled} />
      )}
      <span class="lab">messages</span>
      <div class="line">
        <span>{`${count(form.messages.length, 'message')}, ${changed ? `${changed} changed` : 'unchanged'}`}</span>
        {texts.length > 0 && (
          <Button aria-expanded={open} press={() => setOpen(!open)}>
            {open ? 'Done' : 'Edit'}
          </Button>
        )}
      </div>
      <span class="was" />
      {open &&
        form.messages.map((item, i) =>
          isEditable(item) ? (
            <TextField key={i} id={`${id}-m${i}`} item={item} edits={edits} set={setText} disabled={disabled} />
          ) : (
            <Kept key={i} role={item.role} what={item.what} />
          ),
        )}
    </div>
  );
}

function Was({ on, text }: { on: boolean; text: string }) {
  return <span class="was">{on && brief(text, 80)}</span>;
}

interface FieldProps {
  id: string;
  name: string;
  text: string;
  was: string;
  unset: boolean;
  disabled: boolean;
  set: (text: string) => void;
}

function Field({ id, name, text, was, unset, disabled, set }: FieldProps) {
  return (
    <>
      <label for={id} title={brief(name)}>
        {brief(name.replaceAll('_', ' '), 40)}
      </label>
      <input
        class="nb-field"
        id={id}
        value={text}
        placeholder={unset ? 'not set' : ''}
        disabled={disabled}
        onInput={(event) => set(event.currentTarget.value)}
      />
      <Was on={text !== was} text={unset ? 'was not set' : `was ${was}`} />
    </>
  );
}

interface TextProps {
  id: string;
  item: Editable;
  edits: Edits;
  set: (item: Editable, text: string) => void;
  disabled: boolean;
}

const MOST_LINES = 8;

function TextField({ id, item, edits, set, disabled }: TextProps) {
  const text = own(edits.texts, keyOf(item.path)) ?? item.text;
  const lines = text.split('\n').reduce((sum, line) => sum + 1 + Math.floor(line.length / 90), 0);
  return (
    <>
      <label for={id}>{brief(item.role, 20)}</label>
      <textarea
        class="nb-field code"
        id={id}
        rows={Math.min(MOST_LINES, Math.max(2, lines))}
        value={text}
        disabled={disabled}
        onInput={(event) => set(item, event.currentTarget.value)}
      />
      <span class="was">{editWord(item.text, text)}</span>
    </>
  );
}

function Kept({ role, what }: { role: string; what: string }) {
  return (
    <>
      <span class="lab">{brief(role, 20)}</span>
      <span class="m t2">{brief(what, 60)}, kept as it is</span>
      <span class="was" />
    </>
  );
}
