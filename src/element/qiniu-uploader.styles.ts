import { css } from 'lit';

/**
 * Styles of what is shown before the first file; `list.styles.ts` adds the rest. The first rule of each file maps public
 * properties, with their defaults, to private `--_*` properties.
 *
 * `.width` sets a minimum width for hosts whose width depends on their content.
 */
export const styles = css`
  :host {
    --_primary: var(--qiniu-uploader-primary-color, #1668dc);
    --_text: var(--qiniu-uploader-text-color, #1f2329);
    --_muted: var(--qiniu-uploader-muted-color, #5c636e);
    --_surface: var(--qiniu-uploader-surface-color, #fafbfc);
    --_hover: var(--qiniu-uploader-hover-color, #eef1f5);
    --_border: var(--qiniu-uploader-border-color, #cfd4dc);
    --_on-primary: var(--qiniu-uploader-on-primary-color, #fff);
    --_radius: var(--qiniu-uploader-radius, 8px);
    --_gap: var(--qiniu-uploader-gap, 8px);
    display: block;
    color: var(--_text);
    font-size: var(--qiniu-uploader-font-size, 14px);
    line-height: 1.5;
  }

  @supports (color: light-dark(#fff, #000)) {
    :host {
      --_primary: var(--qiniu-uploader-primary-color, light-dark(#1668dc, #5b9dff));
      --_text: var(--qiniu-uploader-text-color, light-dark(#1f2329, #e6e9ee));
      --_muted: var(--qiniu-uploader-muted-color, light-dark(#5c636e, #a3abb8));
      --_surface: var(--qiniu-uploader-surface-color, light-dark(#fafbfc, #1b1e23));
      --_hover: var(--qiniu-uploader-hover-color, light-dark(#eef1f5, #2a2e35));
      --_border: var(--qiniu-uploader-border-color, light-dark(#cfd4dc, #454b55));
      --_on-primary: var(--qiniu-uploader-on-primary-color, light-dark(#fff, #0b1c33));
    }
  }

  :host([hidden]) {
    display: none;
  }

  *,
  ::before,
  ::after {
    box-sizing: border-box;
  }

  .width {
    display: grid;
    grid-template-columns: minmax(0, 320px);
  }

  .dropzone {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: center;
    gap: 4px 12px;
    padding: 20px 16px;
    text-align: center;
    background: var(--_surface);
    border: 1px dashed var(--_border);
    border-radius: var(--_radius);
    transition:
      border-color 0.15s,
      background-color 0.15s;
  }

  .dropzone.dragging {
    background: var(--_hover);
    border-color: var(--_primary);
    border-style: solid;
  }

  .dropzone.disabled .choose {
    opacity: 0.5;
  }

  .hint,
  .rules {
    color: var(--_muted);
  }

  .rules {
    flex-basis: 100%;
    margin: 0;
    font-size: 0.875em;
  }

  button {
    font: inherit;
    color: inherit;
    cursor: pointer;
    border: 0;
    border-radius: calc(var(--_radius) * 0.75);
  }

  button:disabled {
    cursor: not-allowed;
  }

  button:focus-visible,
  input:focus-visible,
  a:focus-visible {
    outline: 2px solid var(--_primary);
    outline-offset: 2px;
  }

  .choose {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    min-height: 36px;
    padding: 4px 16px;
    color: var(--_on-primary);
    background: var(--_primary);
  }

  .choose:hover:not(:disabled) {
    filter: brightness(1.08);
  }

  .icon {
    flex: none;
    inline-size: 1.25em;
    block-size: 1.25em;
    fill: none;
    stroke: currentcolor;
    stroke-width: 1.75;
    stroke-linecap: round;
    stroke-linejoin: round;
  }

  @media (hover: none) and (pointer: coarse) {
    .hint {
      display: none;
    }
  }

  @media (pointer: coarse) {
    .choose {
      min-height: 44px;
    }
  }

  @media (prefers-reduced-motion: reduce) {
    * {
      transition: none !important;
    }
  }

  @media (forced-colors: active) {
    .dropzone.dragging {
      border-color: Highlight;
    }
    .choose {
      border: 1px solid ButtonText;
    }
  }
`;
