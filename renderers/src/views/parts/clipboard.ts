/**
 * Put text on the clipboard. `navigator.clipboard` is missing on plain http and refused in some
 * webviews, so the old command is tried next; false means neither worked.
 */
export async function writeClipboard(text: string, from: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text, from);
  }
}

function copyBySelection(text: string, from: HTMLElement): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.readOnly = true;
  area.style.cssText = 'position:fixed;top:0;left:-9999px';
  document.body.append(area);
  area.select();
  let done = false;
  try {
    done = document.execCommand('copy');
  } catch {
    done = false;
  }
  area.remove();
  from.focus();
  return done;
}
