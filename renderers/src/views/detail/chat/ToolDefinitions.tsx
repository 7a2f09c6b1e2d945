import type { Json } from '../../../wire/types';
import { brief } from '../../parts/brief';
import { Fold } from '../../parts/Fold';
import { JsonTree } from '../../parts/JsonTree';
import { LongText } from '../../parts/LongText';

interface Definition {
  name: string;
  description?: string;
  schema?: Json;
}

const asObject = (value: Json | undefined) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;

/** Name, words and schema, in the form of whichever API: OpenAI chat and Responses, Anthropic, Gemini. */
export function definitionOf(tool: Json): Definition {
  const outer = asObject(tool) ?? {};
  const fn = asObject(outer.function) ?? outer;
  const name = [fn.name, outer.name, outer.type].find((x) => typeof x === 'string');
  const schema = fn.parameters ?? fn.input_schema ?? fn.parametersJsonSchema;
  return {
    name: typeof name === 'string' ? name : 'tool',
    ...(typeof fn.description === 'string' && { description: fn.description }),
    ...(schema !== undefined && { schema }),
  };
}

/** Gemini groups its functions. */
export function definitionsOf(tools: Json[]): Definition[] {
  return tools.flatMap((tool) => {
    const grouped = asObject(tool)?.functionDeclarations ?? asObject(tool)?.function_declarations;
    return Array.isArray(grouped) ? grouped.map(definitionOf) : [definitionOf(tool)];
  });
}

/** The tools the model was offered, folded to their names. */
export function ToolDefinitions({ tools }: { tools: Json[] }) {
  const all = definitionsOf(tools);
  return (
    <Fold line={brief(all.map((d) => d.name).join(', '), 400)} size={`${all.length} offered`}>
      {() => (
        <div class="nb-tools">
          {all.map((d, i) => (
            <div key={i} class="nb-tool-def">
              <code class="fn">{brief(d.name)}</code>
              {d.description && <LongText text={d.description} most={400} class="m" />}
              {d.schema !== undefined && (
                <JsonTree value={d.schema} label={`Arguments of ${brief(d.name)}`} most={12} />
              )}
            </div>
          ))}
        </div>
      )}
    </Fold>
  );
}
