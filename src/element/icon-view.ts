import { svg, type SVGTemplateResult } from 'lit';

/** Upload arrow, on a 24 px grid. */
export const UPLOAD_ICON = 'M12 15V4m0 0L7.5 8.5M12 4l4.5 4.5M4 15v3a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-3';

/** Renders a stroke icon in the text color. Hidden from screen readers: use it beside text or in a labelled button. */
export function iconView(path: string): SVGTemplateResult {
  return svg`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${path} /></svg>`;
}
