import { css } from 'lit';

/** Styles of what is above the list: the hold banner, the summary and the search field. */
export const summaryStyles = css`
  .hold {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 8px;
    margin-block-start: var(--_gap);
    padding: 6px 12px;
    background: color-mix(in srgb, var(--_warning) 12%, transparent);
    border-radius: var(--_radius);
  }

  .hold > .icon {
    color: var(--_warning);
  }

  .hold-text {
    flex: 1 1 12em;
  }

  .hold .all {
    color: var(--_text);
    box-shadow: inset 0 0 0 1px color-mix(in srgb, var(--_warning) 60%, transparent);
  }

  .hold .all:hover {
    background: color-mix(in srgb, var(--_warning) 16%, transparent);
  }

  .total {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 8px;
    margin-block-start: var(--_gap);
  }

  .facts {
    font-size: 0.875em;
    color: var(--_muted);
    font-variant-numeric: tabular-nums;
  }

  .problems {
    min-block-size: 28px;
    padding: 2px 8px;
    font-size: 0.875em;
    font-variant-numeric: tabular-nums;
    color: var(--_error);
    background: none;
    box-shadow: inset 0 0 0 1px color-mix(in srgb, var(--_error) 45%, transparent);
  }

  .problems:hover,
  .problems[aria-pressed='true'] {
    background: color-mix(in srgb, var(--_error) 12%, transparent);
  }

  .problems[aria-pressed='true'] {
    box-shadow: inset 0 0 0 2px var(--_error);
  }

  .alls {
    display: flex;
    flex-wrap: wrap;
    margin-inline-start: auto;
  }

  .all {
    min-block-size: 28px;
    padding: 2px 8px;
    font-size: 0.875em;
    color: var(--_primary);
    background: none;
  }

  .all:hover {
    background: var(--_hover);
  }

  .total progress {
    flex-basis: 100%;
    margin: 0;
  }

  .find {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 12px;
    margin-block-start: var(--_gap);
  }

  .find-input {
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

  .find-count {
    font-size: 0.875em;
    color: var(--_muted);
  }
`;
