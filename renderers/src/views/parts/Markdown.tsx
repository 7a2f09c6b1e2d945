import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Inline } from '../../model/inline';
import { type Block, type ListItem, markdown } from '../../model/markdown';
import { Copy } from './Copy';
import { useTrusted } from './trust';

/** Model text as elements made one by one: there is no way from its characters to markup. */
export function Markdown({ text }: { text: string }) {
  const blocks = useMemo(() => markdown(text), [text]);
  return <Blocks of={blocks} />;
}

const Blocks = ({ of }: { of: Block[] }) => (
  <>
    {of.map((block, i) => (
      <BlockView key={i} block={block} />
    ))}
  </>
);

function BlockView({ block }: { block: Block }) {
  switch (block.k) {
    case 'paragraph':
      return (
        <p>
          <Inlines of={block.inline} />
        </p>
      );
    case 'heading':
      return block.level <= 2 ? (
        <h5>
          <Inlines of={block.inline} />
        </h5>
      ) : (
        <h6>
          <Inlines of={block.inline} />
        </h6>
      );
    case 'code':
      return <CodeBlock lang={block.lang} text={block.text} />;
    case 'quote':
      return (
        <blockquote>
          <Blocks of={block.blocks} />
        </blockquote>
      );
    case 'list':
      return block.ordered ? (
        <ol start={block.start}>
          <Items of={block.items} />
        </ol>
      ) : (
        <ul>
          <Items of={block.items} />
        </ul>
      );
    case 'table':
      return <TableView block={block} />;
    case 'rule':
      return <hr />;
  }
}

function Items({ of }: { of: ListItem[] }) {
  return (
    <>
      {of.map((item, i) => (
        <li key={i}>
          {item.checked !== undefined && <span class="nb-task">{item.checked ? '☑ ' : '☐ '}</span>}
          <Blocks of={item.blocks} />
        </li>
      ))}
    </>
  );
}

function CodeBlock({ lang, text }: { lang: string; text: string }) {
  return (
    <div class="nb-codeblock">
      <pre data-lang={lang.slice(0, 40)}>
        <code>{text}</code>
      </pre>
      <Copy text={text} label="Copy the code" />
    </div>
  );
}

type TableBlock = Extract<Block, { k: 'table' }>;

function TableView({ block }: { block: TableBlock }) {
  const side = (i: number) => (block.align[i] === 'right' ? 'r' : block.align[i] === 'center' ? 'c' : undefined);
  return (
    <table>
      <thead>
        <tr>
          {block.head.map((cell, i) => (
            <th key={i} class={side(i)} scope="col">
              <Inlines of={cell} />
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {block.rows.map((row, i) => (
          <tr key={i}>
            {row.map((cell, j) => (
              <td key={j} class={side(j)}>
                <Inlines of={cell} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Inlines({ of }: { of: Inline[] }) {
  return (
    <>
      {of.map((node, i) => (
        <InlineView key={i} node={node} />
      ))}
    </>
  );
}

function InlineView({ node }: { node: Inline }) {
  switch (node.k) {
    case 'text':
      return <>{node.text}</>;
    case 'code':
      return <code>{node.text}</code>;
    case 'strong':
      return (
        <b>
          <Inlines of={node.inline} />
        </b>
      );
    case 'em':
      return (
        <em>
          <Inlines of={node.inline} />
        </em>
      );
    case 'strike':
      return (
        <s>
          <Inlines of={node.inline} />
        </s>
      );
    case 'link':
      return (
        <Link href={node.href}>
          <Inlines of={node.inline} />
        </Link>
      );
    case 'break':
      return <br />;
  }
}

/** The address shows in the tooltip, the page it opens learns nothing of this one; off where nothing is trusted. */
export function Link({ href, children }: { href: string; children: ComponentChildren }) {
  const trusted = useTrusted();
  if (!trusted || !/^(?:https?|mailto):/i.test(href)) return <span title={href}>{children}</span>;
  return (
    <a
      href={href}
      title={href}
      target="_blank"
      rel="noopener noreferrer nofollow"
      onClick={(event) => event.stopPropagation()}
      data-lm-suppress-shortcuts="true"
    >
      {children}
    </a>
  );
}
