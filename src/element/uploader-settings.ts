import type { BeforeUpload, FileValidator } from '../core/files/check-settings.js';
import type { ServerCredentials } from '../core/net/ask-server.js';
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
  readonly tokenMethod: 'post' | 'get' | undefined;
  readonly tokenHeaders: TokenHeaders | undefined;
  readonly tokenCredentials: ServerCredentials | undefined;
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
  readonly duplicates: 'allow' | 'reject' | undefined;
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
  readonly listType: 'text' | 'picture' | 'picture-card' | 'none' | undefined;
  readonly itemTemplate: ItemTemplate | undefined;
  readonly messages: Partial<Messages> | undefined;
  readonly name: string | undefined;
  readonly valueFormat: 'key' | 'json' | undefined;
  readonly leaveGuard: 'off' | undefined;
  readonly submit: 'wait' | undefined;
}
