/** Whoever marks text wants the text: such a press is not meant for what lies under it. */
export function selecting(el: Element): boolean {
  const root = el.getRootNode() as ShadowRoot & { getSelection?: () => Selection | null };
  return Boolean((root.getSelection?.() ?? document.getSelection())?.toString());
}
