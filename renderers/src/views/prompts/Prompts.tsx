import { useMemo, useState } from 'preact/hooks';
import { renderedOf, type TemplatePart, templateParts, templateText, templateTexts } from '../../model/prompts';
import type { WireCall, WirePrompt } from '../../wire/types';
import { Compared } from '../compare/DiffText';
import { Said } from '../detail/chat/Chat';
import { Rule } from '../detail/Pairs';
import { Button } from '../parts/Button';
import { brief } from '../parts/brief';
import { Copy } from '../parts/Copy';

/** The registered prompts a call was made from: template beside what was sent, and what changed since the version before. */
export function Prompts({ call }: { call: WireCall }) {
  return (
    <>
      {call.prompts?.map((prompt, i) => (
        <Prompt key={i} prompt={prompt} call={call} />
      ))}
    </>
  );
}

type Shown = 'words' | 'versions';

function Prompt({ prompt, call }: { prompt: WirePrompt; call: WireCall }) {
  const [shown, setShown] = useState<Shown>('words');
  const [beside, setBeside] = useState(false);
  const { previous } = prompt;
  return (
    <section class="nb-prompt" aria-label={`Prompt ${brief(prompt.name, 80)}`}>
      <div class="row">
        <b>{brief(prompt.name, 80)}</b>
        <span class="m">version {brief(String(prompt.version), 20)}</span>
        {prompt.alias?.map((alias) => (
          <span key={alias} class="nb-pill">
            {brief(alias, 40)}
          </span>
        ))}
        {prompt.uri && <Copy text={prompt.uri} label="Copy the prompt’s URI" />}
        <span class="sp" />
        {previous && shown === 'versions' && (
          <Button aria-pressed={beside} press={() => setBeside(!beside)}>
            Side by side
          </Button>
        )}
        {previous && (
          <Button aria-pressed={shown === 'versions'} press={() => setShown(shown === 'words' ? 'versions' : 'words')}>
            {`Changed since version ${brief(String(previous.version), 20)}`}
          </Button>
        )}
      </div>
      {previous && shown === 'versions' ? (
        <Compared a={templateText(previous.template)} b={templateText(prompt.template)} beside={beside} />
      ) : (
        <Sent prompt={prompt} call={call} />
      )}
    </section>
  );
}

function Sent({ prompt, call }: { prompt: WirePrompt; call: WireCall }) {
  const rendered = useMemo(() => renderedOf(prompt, call.messages), [prompt, call]);
  return (
    <>
      <div class="nb-two heads">
        <Rule>template</Rule>
        <Rule>as it was sent</Rule>
      </div>
      {templateTexts(prompt.template).map(({ role, text }, i) => {
        const sent = rendered[i];
        return (
          <div key={i} class="nb-two">
            <Said who={role ?? sent?.role ?? ''}>
              <p class="nb-said">
                <Parts of={templateParts(text)} />
              </p>
            </Said>
            <p class="nb-said">
              {sent?.found ? (
                <Parts of={sent.parts} />
              ) : (
                <span class="m">No message of this call fits the template: it was changed before it was sent.</span>
              )}
            </p>
          </div>
        );
      })}
    </>
  );
}

function Parts({ of }: { of: TemplatePart[] }) {
  return (
    <>
      {of.map((part, i) =>
        part.k === 'variable' ? (
          <mark key={i} class="nb-var" title={part.name && brief(part.name, 80)}>
            {part.text || '∅'}
          </mark>
        ) : (
          part.text
        ),
      )}
    </>
  );
}
