import type { SVGTemplateResult } from 'lit';
import { iconView } from '../icon-view.js';

/** Stroke paths on a 24 px grid. The icon that is shown before the first file is in `icon-view.ts`. */
const PATHS = {
  file: 'M14 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8zm0 0v5h5',
  pause: 'M9 6v12M15 6v12',
  resume: 'M8 5.5v13l10.5-6.5z',
  close: 'M6 6l12 12M18 6L6 18',
  retry: 'M20 5v5h-5M19.5 10A8 8 0 1 0 20 14',
  remove: 'M4 7h16M9 7V4h6v3m3 0-1 13H7L6 7m4 4v5m4-5v5',
  done: 'M5 12.5l4.5 4.5L19 7.5',
  alert: 'M12 8v5m0 3.5v.01M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z',
} as const;

export type IconName = keyof typeof PATHS;

/** Renders an icon by name. */
export function icon(name: IconName): SVGTemplateResult {
  return iconView(PATHS[name]);
}
