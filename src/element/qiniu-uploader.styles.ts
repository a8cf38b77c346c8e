import { css } from 'lit';

/** Public properties stand once, with their defaults, in the first block; `--_*` are private. */
export const styles = css`
  :host {
    --_primary: var(--qiniu-uploader-primary-color, #1668dc);
    --_text: var(--qiniu-uploader-text-color, #1f2329);
    --_muted: var(--qiniu-uploader-muted-color, #5c636e);
    --_surface: var(--qiniu-uploader-surface-color, #fafbfc);
    --_hover: var(--qiniu-uploader-hover-color, #eef1f5);
    --_border: var(--qiniu-uploader-border-color, #cfd4dc);
    --_success: var(--qiniu-uploader-success-color, #23780f);
    --_warning: var(--qiniu-uploader-warning-color, #9a4a00);
    --_error: var(--qiniu-uploader-error-color, #c4232a);
    --_on-primary: var(--qiniu-uploader-on-primary-color, #fff);
    --_radius: var(--qiniu-uploader-radius, 8px);
    --_gap: var(--qiniu-uploader-gap, 8px);
    --_list-height: var(--qiniu-uploader-list-height, min(640px, 70vh));
    --_picture: var(--qiniu-uploader-thumbnail-size, 44px);
    display: block;
    color: var(--_text);
    font-size: var(--qiniu-uploader-font-size, 14px);
    line-height: 1.5;
    container-type: inline-size;
  }

  @supports (color: light-dark(#fff, #000)) {
    :host {
      --_primary: var(--qiniu-uploader-primary-color, light-dark(#1668dc, #5b9dff));
      --_text: var(--qiniu-uploader-text-color, light-dark(#1f2329, #e6e9ee));
      --_muted: var(--qiniu-uploader-muted-color, light-dark(#5c636e, #a3abb8));
      --_surface: var(--qiniu-uploader-surface-color, light-dark(#fafbfc, #1b1e23));
      --_hover: var(--qiniu-uploader-hover-color, light-dark(#eef1f5, #2a2e35));
      --_border: var(--qiniu-uploader-border-color, light-dark(#cfd4dc, #454b55));
      --_success: var(--qiniu-uploader-success-color, light-dark(#23780f, #73d13d));
      --_warning: var(--qiniu-uploader-warning-color, light-dark(#9a4a00, #ffb454));
      --_error: var(--qiniu-uploader-error-color, light-dark(#c4232a, #ff8a8a));
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

  .find {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 12px;
    margin-block-start: var(--_gap);
  }

  .sought {
    flex: 1 1 12em;
    min-inline-size: 0;
    min-block-size: 32px;
    padding: 2px 10px;
    font: inherit;
    color: inherit;
    background: none;
    border: 1px solid var(--_border);
    border-radius: calc(var(--_radius) * 0.75);
  }

  .found {
    font-size: 0.875em;
    color: var(--_muted);
  }

  .list {
    display: flex;
    flex-direction: column;
    row-gap: var(--_gap);
    max-block-size: var(--_list-height);
    margin: var(--_gap) 0 0;
    padding: 0;
    overflow-y: auto;
    overscroll-behavior-y: auto;
    list-style: none;
  }

  .gap {
    flex: none;
  }

  .item {
    flex: none;
    contain: content;
    display: grid;
    grid-template-columns: var(--_picture) minmax(0, 1fr) auto;
    gap: 2px 12px;
    align-items: start;
    padding: 8px;
    border: 1px solid var(--_border);
    border-radius: var(--_radius);
  }

  .picture {
    display: grid;
    place-items: center;
    inline-size: var(--_picture);
    block-size: var(--_picture);
    overflow: hidden;
    color: var(--_muted);
    background: var(--_hover);
    border-radius: calc(var(--_radius) * 0.5);
  }

  .picture img {
    inline-size: 100%;
    block-size: 100%;
    object-fit: cover;
  }

  .body {
    display: grid;
    align-content: center;
    min-inline-size: 0;
    /* with or without a progress bar, a row is as high */
    min-block-size: max(var(--_picture), 3.4em);
  }

  .name {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .name a {
    color: inherit;
    text-decoration: underline;
    text-decoration-color: var(--_border);
    text-underline-offset: 3px;
  }

  .name a:hover {
    color: var(--_primary);
    text-decoration-color: currentcolor;
  }

  .meta,
  .detail {
    font-size: 0.875em;
    color: var(--_muted);
    overflow-wrap: anywhere;
  }

  .detail {
    font-size: 0.8125em;
  }

  .done .status {
    color: var(--_success);
  }

  .unconfirmed .status {
    color: var(--_warning);
  }

  .failed .status,
  .rejected .status {
    color: var(--_error);
  }

  .failed,
  .rejected {
    border-color: color-mix(in srgb, var(--_error) 45%, transparent);
  }

  .actions {
    display: flex;
    gap: 4px;
    align-items: center;
    min-block-size: var(--_picture);
  }

  .action {
    display: grid;
    place-items: center;
    inline-size: 32px;
    block-size: 32px;
    padding: 0;
    color: var(--_muted);
    background: none;
  }

  .action:hover:not(:disabled) {
    color: var(--_text);
    background: var(--_hover);
  }

  progress {
    appearance: none;
    inline-size: 100%;
    block-size: 4px;
    margin-block-start: 4px;
    overflow: hidden;
    background: var(--_hover);
    border: 0;
    border-radius: 2px;
  }

  progress::-webkit-progress-bar {
    background: var(--_hover);
  }

  progress::-webkit-progress-value {
    background: var(--_primary);
    border-radius: 2px;
    transition: inline-size 0.2s linear;
  }

  progress::-moz-progress-bar {
    background: var(--_primary);
    border-radius: 2px;
  }

  progress:indeterminate {
    background: linear-gradient(90deg, var(--_hover) 25%, var(--_primary) 50%, var(--_hover) 75%) 0 / 200% 100%;
    animation: slide 1.4s linear infinite;
  }

  progress:indeterminate::-webkit-progress-bar {
    background: none;
  }

  progress:indeterminate::-moz-progress-bar {
    background: none;
  }

  @keyframes slide {
    from {
      background-position: 200% 0;
    }
    to {
      background-position: 0 0;
    }
  }

  .spoken {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  @container (max-width: 380px) {
    .hint {
      flex-basis: 100%;
    }
    .item {
      --_picture: 36px;
      gap: 2px 8px;
    }
  }

  /* where nothing can be dragged, nobody is told to */
  @media (hover: none) and (pointer: coarse) {
    .hint {
      display: none;
    }
  }

  @media (pointer: coarse) {
    .choose {
      min-height: 44px;
    }
    .action {
      inline-size: 44px;
      block-size: 44px;
    }
  }

  @media (prefers-reduced-motion: reduce) {
    * {
      transition: none !important;
    }
    progress:indeterminate {
      animation: none;
    }
  }

  @media (forced-colors: active) {
    .dropzone.dragging {
      border-color: Highlight;
    }
    .choose {
      border: 1px solid ButtonText;
    }
    progress {
      forced-color-adjust: none;
      background: Canvas;
      border: 1px solid CanvasText;
    }
    progress::-webkit-progress-value {
      background: Highlight;
    }
    progress::-moz-progress-bar {
      background: Highlight;
    }
  }
`;
