declare module '*/arrows.mjs' {
  export function arrows(code: string): string;
}
declare module '*/packCss.mjs' {
  export function packCss(css: string): { text: string; keys: string; pieces: string };
}
