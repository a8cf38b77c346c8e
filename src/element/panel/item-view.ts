import { html, nothing, type TemplateResult } from 'lit';
import { ifDefined } from 'lit/directives/if-defined.js';
import { repeat } from 'lit/directives/repeat.js';
import { reportError } from '../../core/shared/report-error.js';
import type { UploadItem } from '../../core/items/upload-item.js';
import { formatSize } from '../../i18n/format-size.js';
import type { Messages } from '../../i18n/messages.js';
import { icon, type IconName } from './icons.js';
import { statusText } from './status-text.js';
import type { Thumbnail } from './thumbnails.js';
import { visibleName, visibleNameView } from './visible-name.js';

type ActionName = 'cancel' | 'pause' | 'resume' | 'retry' | 'remove';

/** Actions of a row. */
export interface ItemActions {
  readonly cancel: (item: UploadItem) => void;
  readonly pause: (item: UploadItem) => void;
  readonly resume: (item: UploadItem) => void;
  readonly retry: (item: UploadItem) => void;
  readonly remove: (item: UploadItem) => void;
  readonly pictureBroken: (item: UploadItem, url: string) => void;
}

/** Helpers passed to an `itemTemplate`. */
export interface ItemTools {
  /** The status text. */
  readonly status: string;
  /** The thumbnail: a canvas or a URL. */
  readonly thumbnail: Thumbnail | undefined;
  readonly messages: Messages;
  readonly actions: Omit<ItemActions, 'pictureBroken'>;
}

/** Renders the content of a row: a Lit template, a node or text. Buttons with `data-action` keep focus across updates. */
export type ItemTemplate = (item: UploadItem, tools: ItemTools) => unknown;

export interface ItemViewOptions {
  /** Custom template that replaces the content of the row. */
  readonly template: ItemTemplate | undefined;
  readonly messages: Messages;
  readonly actions: ItemActions;
  readonly isDisabled: boolean;
  /** The item's thumbnail, if any. */
  readonly thumbnail: Thumbnail | undefined;
  /** Position of the row for screen readers; only set if not all rows are rendered. */
  readonly position: { readonly index: number; readonly count: number } | undefined;
}

/** Renders a row: thumbnail, name, size, status, progress and actions. */
export function itemView(item: UploadItem, options: ItemViewOptions): TemplateResult {
  const { position, template } = options;
  return html`
    <li
      class="item ${item.status}"
      part="item item-${item.status}"
      data-id=${item.id}
      aria-posinset=${position === undefined ? nothing : position.index + 1}
      aria-setsize=${position?.count ?? nothing}
    >
      ${(template && customContent(item, options, template)) ?? contentView(item, options)}
    </li>
  `;
}

/** Renders the custom template. If it throws, reports an uncaught error and returns `undefined`. */
function customContent(item: UploadItem, options: ItemViewOptions, template: ItemTemplate): unknown {
  try {
    return template(item, toolsFor(item, options)) ?? nothing;
  } catch (error) {
    reportError(error);
    return undefined;
  }
}

function contentView(item: UploadItem, options: ItemViewOptions): TemplateResult {
  const { messages } = options;
  return html`
    ${thumbnailView(item, options)}
    <div class="body">
      ${nameView(item, messages)}
      <span class="meta" part="meta"
        ><bdi>${formatSize(item.size, messages.lang)}</bdi> ·
        <bdi class="status" part="status">${statusText(item, messages)}</bdi></span
      >
      ${detailView(item, messages)} ${progressView(item, messages)}
    </div>
    <div class="actions" part="actions">${actionsView(item, options)}</div>
  `;
}

function toolsFor(item: UploadItem, { messages, thumbnail, actions }: ItemViewOptions): ItemTools {
  return { status: statusText(item, messages), thumbnail, messages, actions };
}

function thumbnailView(item: UploadItem, { thumbnail, actions }: ItemViewOptions): TemplateResult {
  const content =
    typeof thumbnail === 'string'
      ? html`<img
          src=${thumbnail}
          alt=""
          loading="lazy"
          decoding="async"
          @error=${() => actions.pictureBroken(item, thumbnail)}
        />`
      : (thumbnail ?? icon('file'));
  return html`<span class="picture" part="thumbnail">${content}</span>`;
}

/** The title and the text contain the full name; CSS truncates it. `<bdi>` isolates bidirectional names. */
function nameView(item: UploadItem, messages: Messages): TemplateResult {
  const name = item.path ?? item.name;
  const title = visibleName(name);
  const url = item.status === 'done' ? item.result.url : undefined;
  return html`<span class="name" part="name" title=${title}
    >${
      url === undefined
        ? visibleNameView(name)
        : html`<a href=${url} target="_blank" rel="noopener" title=${messages.actionOn(messages.open, title)}
            >${visibleNameView(name)}</a
          >`
    }</span
  >`;
}

/** Error details that help support staff. */
function detailView(item: UploadItem, messages: Messages): TemplateResult | typeof nothing {
  if (item.status !== 'failed' && item.status !== 'unconfirmed') return nothing;
  const { serverMessage, reqid } = item.error;
  const { reason, message } = item.error.callback ?? {};
  // If the site did not respond to Kodo, the message is not meant for people.
  const serverText =
    item.status === 'failed' ? serverMessage : reason === undefined || reason === 'refused' ? message : undefined;
  const details = [
    ...(reason === undefined ? [] : [messages.callbackReasons[reason]]),
    ...(serverText === undefined ? [] : [messages.serverSays(serverText)]),
    ...(reqid === undefined ? [] : [messages.requestId(reqid)]),
  ];
  return details.length === 0
    ? nothing
    : html`<span class="detail" part="detail"
        >${details.map((detail, index) => html`${index === 0 ? '' : ' · '}<bdi>${detail}</bdi>`)}</span
      >`;
}

/** The bar is indeterminate while the percentage is unknown. Its value text is the status text. */
function progressView(item: UploadItem, messages: Messages): TemplateResult | typeof nothing {
  const bar = (percent: number | undefined): TemplateResult =>
    html`<progress
      part="progress"
      max="100"
      value=${ifDefined(percent)}
      aria-label=${messages.progressOf(visibleName(item.name))}
      aria-valuetext=${statusText(item, messages)}
    ></progress>`;
  switch (item.status) {
    case 'uploading':
    case 'waiting':
    case 'paused':
    case 'interrupted':
      return bar(item.progress.percent);
    case 'preparing':
    case 'confirming':
      return bar(undefined);
    case 'rejected':
    case 'queued':
    case 'done':
    case 'unconfirmed':
    case 'failed':
    case 'cancelled':
      return nothing;
  }
}

function actionsView(item: UploadItem, { messages, actions, isDisabled }: ItemViewOptions): TemplateResult {
  const button = (name: ActionName, iconName: IconName): TemplateResult => html`
    <button
      type="button"
      class="action"
      part="action action-${name}"
      data-action=${name}
      title=${messages[name]}
      aria-label=${messages.actionOn(messages[name], visibleName(item.name))}
      ?disabled=${isDisabled && name === 'retry'}
      @click=${() => actions[name](item)}
    >
      ${icon(iconName)}
    </button>
  `;
  return html`${repeat(
    actionsOf(item),
    ([name]) => SLOT_OF[name],
    ([name, iconName]) => button(name, iconName),
  )}`;
}

/** Actions in the same slot reuse one button element, which keeps focus when the action changes. */
const SLOT_OF = {
  pause: 'progress',
  resume: 'progress',
  retry: 'progress',
  cancel: 'cancel',
  remove: 'remove',
} as const satisfies Readonly<Record<ActionName, string>>;

const CANCEL = ['cancel', 'close'] as const;
const PAUSE = ['pause', 'pause'] as const;
const RESUME = ['resume', 'resume'] as const;
const RETRY = ['retry', 'retry'] as const;
const REMOVE = ['remove', 'remove'] as const;

/** Available actions with their icons. */
function actionsOf(item: UploadItem): readonly (readonly [ActionName, IconName])[] {
  switch (item.status) {
    case 'paused':
      return [RESUME, CANCEL];
    case 'waiting':
      return item.reason.code === 'elsewhere' ? [PAUSE, CANCEL] : [RETRY, PAUSE, CANCEL];
    case 'queued':
    case 'preparing':
    case 'uploading':
      return [PAUSE, CANCEL];
    case 'confirming':
      return [CANCEL];
    case 'failed':
      return item.error.retryable ? [RETRY, REMOVE] : [REMOVE];
    case 'cancelled':
      return [RETRY, REMOVE];
    case 'rejected':
    case 'interrupted':
    case 'done':
    case 'unconfirmed':
      return [REMOVE];
  }
}
