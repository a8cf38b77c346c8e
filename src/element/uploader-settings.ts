import type { BeforeUpload, FileValidator } from '../core/files/check-settings.js';
import type { CompressSettings } from '../core/files/images/image-rules.js';
import type { ConfirmProvider } from '../core/token/confirm-endpoint.js';
import type { TokenHeaders } from '../core/token/token-endpoint.js';
import type { TokenProvider } from '../core/token/token-provider.js';
import type { Messages } from '../i18n/messages.js';
import type { ItemTemplate } from './panel/item-view.js';

/**
 * The settings that the panel reads from the element, as properties and attributes give them: unchecked. Their meaning is
 * documented at the element's properties.
 */
export interface UploaderSettings {
  readonly tokenEndpoint: string | undefined;
  readonly tokenMethod: string | undefined;
  readonly tokenHeaders: TokenHeaders | undefined;
  readonly tokenCredentials: string | undefined;
  readonly tokenTimeout: number | string | undefined;
  readonly tokenProvider: TokenProvider | undefined;
  readonly confirmEndpoint: string | undefined;
  readonly confirmProvider: ConfirmProvider | undefined;
  readonly accept: string | undefined;
  readonly maxSize: number | string | undefined;
  readonly minSize: number | string | undefined;
  readonly maxTotalSize: number | string | undefined;
  readonly maxFiles: number | string | undefined;
  readonly minImageSize: string | undefined;
  readonly maxImageSize: string | undefined;
  readonly retries: number | string | undefined;
  readonly stallTimeout: number | string | undefined;
  readonly hookTimeout: number | string | undefined;
  readonly duplicates: string | undefined;
  readonly concurrency: number | string | undefined;
  readonly upHost: string | undefined;
  readonly validator: FileValidator | undefined;
  readonly beforeUpload: BeforeUpload | undefined;
  readonly compress: string | CompressSettings | undefined;
  readonly region: string | undefined;
  readonly domain: string | undefined;
  readonly manual: boolean;
  readonly multiple: boolean;
  readonly takesSeveral: boolean;
  readonly isDisabled: boolean;
  readonly listType: string | undefined;
  readonly itemTemplate: ItemTemplate | undefined;
  readonly messages: Partial<Messages> | undefined;
  readonly name: string | undefined;
  readonly valueFormat: string | undefined;
  readonly leaveGuard: string | undefined;
  readonly submit: string | undefined;
}
