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

/** What a row can ask of the element. */
export interface ItemActions {
  readonly cancel: (item: UploadItem) => void;
  readonly pause: (item: UploadItem) => void;
  readonly resume: (item: UploadItem) => void;
  readonly retry: (item: UploadItem) => void;
  readonly remove: (item: UploadItem) => void;
  readonly pictureBroken: (item: UploadItem, url: string) => void;
}

/** What a page's own row may use. */
export interface ItemTools {
  /** The row's state in words. */
  readonly status: string;
  /** The row's picture: a drawing, or an address. */
  readonly thumbnail: Thumbnail | undefined;
  readonly messages: Messages;
  readonly actions: Omit<ItemActions, 'pictureBroken'>;
}

/** Renders what is in a row: a Lit template, a node, or text. Buttons with `data-action` keep focus as the row changes. */
export type ItemTemplate = (item: UploadItem, tools: ItemTools) => unknown;

export interface ItemViewOptions {
  /** The page's own, in the place of all that is in the row. */
  readonly template: ItemTemplate | undefined;
  readonly messages: Messages;
  readonly actions: ItemActions;
  readonly isDisabled: boolean;
  /** The item's picture, where there is one. */
  readonly thumbnail: Thumbnail | undefined;
  /** Where the row stands, told to screen readers where not all rows are there. */
  readonly place: { readonly index: number; readonly count: number } | undefined;
}

/** A row: picture, name, size and state in words, progress, and what can be done. */
export function itemView(item: UploadItem, options: ItemViewOptions): TemplateResult {
  const { place, template } = options;
  return html`
    <li
      class="item ${item.status}"
      part="item item-${item.status}"
      data-id=${item.id}
      aria-posinset=${place === undefined ? nothing : place.index + 1}
      aria-setsize=${place?.count ?? nothing}
    >
      ${(template && ownContent(item, options, template)) ?? contentView(item, options)}
    </li>
  `;
}

/** What the page's template renders; nothing where it throws, which is reported as an uncaught error. */
function ownContent(item: UploadItem, options: ItemViewOptions, template: ItemTemplate): unknown {
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
    ${pictureView(item, options)}
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

function pictureView(item: UploadItem, { thumbnail, actions }: ItemViewOptions): TemplateResult {
  const picture =
    typeof thumbnail === 'string'
      ? html`<img
          src=${thumbnail}
          alt=""
          loading="lazy"
          decoding="async"
          @error=${() => actions.pictureBroken(item, thumbnail)}
        />`
      : (thumbnail ?? icon('file'));
  return html`<span class="picture" part="thumbnail">${picture}</span>`;
}

/** The whole name is in the title and in the text; the style cuts it short. Bidirectional names are kept apart. */
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

/** Of an error, what helps whoever is asked for help. */
function detailView(item: UploadItem, messages: Messages): TemplateResult | typeof nothing {
  if (item.status !== 'failed' && item.status !== 'unconfirmed') return nothing;
  const { serverMessage, reqid } = item.error;
  const { reason, message } = item.error.callback ?? {};
  // Where Kodo had no answer from the site, its words are those of a program.
  const words =
    item.status === 'failed' ? serverMessage : reason === undefined || reason === 'refused' ? message : undefined;
  const details = [
    ...(reason === undefined ? [] : [messages.callbackReasons[reason]]),
    ...(words === undefined ? [] : [messages.serverSays(words)]),
    ...(reqid === undefined ? [] : [messages.requestId(reqid)]),
  ];
  return details.length === 0
    ? nothing
    : html`<span class="detail" part="detail"
        >${details.map((detail, place) => html`${place === 0 ? '' : ' · '}<bdi>${detail}</bdi>`)}</span
      >`;
}

/** The bar has no value while none is known; its words are those of the row. */
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
  const button = (name: ActionName, picture: IconName): TemplateResult => html`
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
      ${icon(picture)}
    </button>
  `;
  return html`${repeat(
    actionsOf(item),
    ([name]) => PLACE_OF[name],
    ([name, picture]) => button(name, picture),
  )}`;
}

/** Actions of the same place are one button, which stays the same element and keeps the focus when the action changes. */
const PLACE_OF = {
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

/** What can be done, with its picture. */
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
