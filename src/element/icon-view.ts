import { svg, type SVGTemplateResult } from 'lit';

/** An arrow out of a tray, on a grid of 24 px. */
export const UPLOAD_ICON = 'M12 15V4m0 0L7.5 8.5M12 4l4.5 4.5M4 15v3a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-3';

/** A picture of strokes in the text's colour, beside a text or in a named button: hidden from screen readers. */
export function iconView(path: string): SVGTemplateResult {
  return svg`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${path} /></svg>`;
}
