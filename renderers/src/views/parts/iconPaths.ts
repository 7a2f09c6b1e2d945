/** Icons as path data, viewBox 16. Circles and rectangles are written as arcs so that one path is one icon. */
const circle = (cx: number, cy: number, r: number) =>
  `M${cx - r} ${cy}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
const box = (x: number, y: number, w: number, h: number) =>
  `M${x + 1} ${y}h${w - 2}a1 1 0 0 1 1 1v${h - 2}a1 1 0 0 1-1 1h${2 - w}a1 1 0 0 1-1-1v${2 - h}a1 1 0 0 1 1-1z`;

export const ICON_PATHS = {
  agent: `M8 1.8l5.4 3.1v6.2L8 14.2l-5.4-3.1V4.9z${circle(8, 8, 1.6)}`,
  chain: `${circle(3.8, 8, 2)}${circle(12.2, 8, 2)}M5.8 8h4.4`,
  check: 'M3 8.4l3.3 3.3L13 4.8',
  clock: `${circle(8, 8, 6)}M8 4.6V8l2.3 1.6`,
  close: 'M4 4l8 8M12 4l-8 8',
  coin: `${circle(8, 8, 6)}M9.9 6.1c-.4-.7-1.1-1-1.9-1-1 0-1.9.5-1.9 1.4 0 2 3.9 1 3.9 3 0 .9-.9 1.4-2 1.4-.9 0-1.7-.4-2.1-1.1M8 4v8`,
  copy: `${box(5.5, 5.5, 8, 8)}M10.5 5.5v-3h-8v8h3`,
  cut: 'M2.5 8h2M7 8h2M11.5 8h2M4 4.5h8M4 11.5h8',
  data: 'M3 4c0 1.1 2.2 2 5 2s5-.9 5-2-2.2-2-5-2-5 .9-5 2zM3 4v8c0 1.1 2.2 2 5 2s5-.9 5-2V4M3 8c0 1.1 2.2 2 5 2s5-.9 5-2',
  down: 'M11 9l-2.6 4.6c-1 0-1.6-.7-1.4-1.7l.4-2.4H4c-.8 0-1.4-.8-1.2-1.6l1-4c.2-.6.7-.9 1.2-.9h6zM13.5 9H11V3h2.5z',
  embed: 'M4 4h.01M8 4h.01M12 4h.01M4 8h.01M8 8h.01M12 8h.01M4 12h.01M8 12h.01M12 12h.01',
  error: `${circle(8, 8, 6)}M6 6l4 4M10 6l-4 4`,
  expand: 'M9.5 2.5h4v4M6.5 13.5h-4v-4M13.5 2.5L9 7M2.5 13.5L7 9',
  eye: `M1.8 8s2.3-4.2 6.2-4.2S14.2 8 14.2 8s-2.3 4.2-6.2 4.2S1.8 8 1.8 8z${circle(8, 8, 1.8)}`,
  file: 'M9 2H4a1 1 0 0 0-1 1v10a1 1 0 0 0 1 1h8a1 1 0 0 0 1-1V6zM9 2v4h4',
  filter: 'M2.5 3.5h11L9.5 8.5v4l-3 1v-5z',
  find: `${circle(7, 7, 4.3)}M10.2 10.2l3.3 3.3`,
  fold: 'M6 3.8L10.2 8 6 12.2',
  gauge: 'M2.5 11.5a6 6 0 1 1 11 0M8 9.5l2.8-3.4',
  image: `${box(2.5, 3, 11, 10)}${circle(6, 6.6, 1)}M13 10.5L10 7.8l-5.5 5`,
  info: `${circle(8, 8, 6)}M8 7.4v3.6M8 5h.01`,
  jump: 'M5 11l6-6M6 5h5v5',
  lock: `${box(3.5, 7, 9, 6.5)}M5.5 7V5a2.5 2.5 0 0 1 5 0v2`,
  model: 'M2.5 3.5h11v7.5H7.5L4.5 13.5V11h-2z',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  next: 'M8 3v10M4 9l4 4 4-4',
  open: 'M3.8 6L8 10.2 12.2 6',
  path: 'M2.5 12.5h4v-4h3v-4h4',
  play: 'M5 3.3v9.4L12.5 8z',
  prev: 'M8 13V3M4 7l4-4 4 4',
  retry: 'M13 8a5 5 0 1 1-1.6-3.7L13 5.8M13 2.6v3.2H9.8',
  run: 'M14 8a6 6 0 1 1-3-5.2',
  server: `${box(2.5, 3, 11, 4)}${box(2.5, 9, 11, 4)}M5 5h.01M5 11h.01`,
  shield: 'M8 1.8l5 1.9v4c0 3.2-2.1 5.4-5 6.5-2.9-1.1-5-3.3-5-6.5v-4zM5.5 7.8h5',
  stop: box(3.5, 3.5, 9, 9),
  tool: 'M13.3 4.6a3.6 3.6 0 0 1-4.8 4.2l-4 4a1.3 1.3 0 0 1-1.8-1.8l4-4a3.6 3.6 0 0 1 4.4-4.7L9 4.4l.4 2.1 2.1.4z',
  up: 'M5 7l2.6-4.6c1 0 1.6.7 1.4 1.7L8.6 6.5H12c.8 0 1.4.8 1.2 1.6l-1 4c-.2.6-.7.9-1.2.9H5zM2.5 7H5v6H2.5z',
} as const;

export type IconName = keyof typeof ICON_PATHS;
