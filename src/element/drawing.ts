import { svg, type SVGTemplateResult } from 'lit';

/** A picture beside a text or in a named button, as a path on a 24 px grid; hidden from screen readers. */
export function drawing(path: string): SVGTemplateResult {
  return svg`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${path} /></svg>`;
}
