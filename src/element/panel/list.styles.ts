import { css } from 'lit';

/** Styles of the list, adopted when the panel loads. */
export const listStyles = css`
  :host {
    --_success: var(--qiniu-uploader-success-color, #23780f);
    --_warning: var(--qiniu-uploader-warning-color, #9a4a00);
    --_error: var(--qiniu-uploader-error-color, #c4232a);
    --_card: var(--qiniu-uploader-card-size, 132px);
    --_list-height: var(--qiniu-uploader-list-height, min(640px, 70vh));
    --_picture: var(--qiniu-uploader-thumbnail-size, 44px);
  }

  @supports (color: light-dark(#fff, #000)) {
    :host {
      --_success: var(--qiniu-uploader-success-color, light-dark(#23780f, #73d13d));
      --_warning: var(--qiniu-uploader-warning-color, light-dark(#9a4a00, #ffb454));
      --_error: var(--qiniu-uploader-error-color, light-dark(#c4232a, #ff8a8a));
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

  /* Size containment on the host would collapse it to zero width if its width depends on its content. */
  .files {
    container-type: inline-size;
  }

  .list {
    display: flex;
    flex-direction: column;
    row-gap: var(--_gap);
    max-block-size: var(--_list-height);
    margin-block: var(--_gap) 0;
    margin-inline: 0;
    /* prevents clipping of the last border at fractional pixels */
    padding-block: 0 1px;
    padding-inline: 0;
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

  :is(.item, .total):focus-visible {
    outline: 2px solid var(--_primary);
    outline-offset: -2px;
  }

  .total:focus-visible {
    outline-offset: 3px;
    border-radius: 4px;
  }

  .type-text .picture {
    display: none;
  }

  .type-text .item {
    grid-template-columns: minmax(0, 1fr) auto;
    padding-block: 4px;
  }

  .type-picture-card {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(100%, var(--_card)), 1fr));
    gap: var(--_gap);
  }

  .type-picture-card .gap {
    grid-column: 1 / -1;
  }

  .type-picture-card .item {
    position: relative;
    grid-template: minmax(0, 1fr) auto / minmax(0, 1fr);
    gap: 4px;
    block-size: calc(var(--_card) * 1.5);
    padding: 6px;
  }

  .type-picture-card .picture {
    inline-size: 100%;
    block-size: 100%;
  }

  .type-picture-card .body {
    min-block-size: 0;
  }

  .type-picture-card .meta {
    display: -webkit-box;
    overflow: hidden;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 3;
    line-clamp: 3;
  }

  .type-picture-card .detail {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .type-picture-card .actions {
    position: absolute;
    inset-block-start: 10px;
    inset-inline-end: 10px;
    min-block-size: 0;
  }

  .type-picture-card .action {
    color: var(--_text);
    background: color-mix(in srgb, Canvas 80%, transparent);
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

  .picture :is(img, canvas) {
    inline-size: 100%;
    block-size: 100%;
    object-fit: cover;
  }

  .body {
    display: grid;
    align-content: center;
    min-inline-size: 0;
    /* same height with and without a progress bar */
    min-block-size: max(var(--_picture), 3.4em);
  }

  .name {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .code-point {
    padding-inline: 3px;
    font-size: 0.75em;
    color: var(--_error);
    border: 1px solid currentcolor;
    border-radius: 3px;
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

  @container (max-width: 380px) {
    .item {
      --_picture: 36px;
      gap: 2px 8px;
    }
  }

  @media (pointer: coarse) {
    .action {
      inline-size: 44px;
      block-size: 44px;
    }
    .problems {
      min-block-size: 44px;
    }
  }

  @media (prefers-reduced-motion: reduce) {
    progress:indeterminate {
      animation: none;
    }
  }

  @media (forced-colors: active) {
    .problems {
      border: 1px solid ButtonText;
    }
    .problems[aria-pressed='true'] {
      border-color: Highlight;
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
