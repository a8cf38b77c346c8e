import type { CDPSession, Locator, Page } from '@playwright/test';

/** Operations that the source of a drag allows, as bits of the DevTools protocol. */
const OPERATIONS = { copy: 1, link: 2, move: 16 } as const;

interface DragData {
  readonly items: readonly { readonly mimeType: string; readonly data: string }[];
  readonly files: readonly string[];
  readonly dragOperationsMask: number;
}

/**
 * The browser's own drag, as if files came from a file manager: Chromium dispatches trusted events and performs its
 * default action for a drop that the page does not handle.
 * https://chromedevtools.github.io/devtools-protocol/tot/Input/#method-dispatchDragEvent
 */
export class RealDrag {
  readonly #page: Page;
  readonly #session: CDPSession;
  readonly #data: DragData;
  #point = { x: 0, y: 0 };

  private constructor(page: Page, session: CDPSession, data: DragData) {
    this.#page = page;
    this.#session = session;
    this.#data = data;
  }

  /** @param files paths of files and folders */
  static async of(
    page: Page,
    files: readonly string[],
    allowed: readonly (keyof typeof OPERATIONS)[] = ['copy', 'link', 'move'],
  ): Promise<RealDrag> {
    const dragOperationsMask = allowed.reduce((mask, operation) => mask | OPERATIONS[operation], 0);
    return new RealDrag(page, await page.context().newCDPSession(page), { items: [], files, dragOperationsMask });
  }

  /**
   * Starts a drag within the page, with the browser's own `dragstart`. While drags are intercepted, Chromium omits the
   * image file from the data, so `files` adds it again.
   */
  static async within(page: Page, source: Locator, files: readonly string[]): Promise<RealDrag> {
    const session = await page.context().newCDPSession(page);
    await session.send('Input.setInterceptDrags', { enabled: true });
    const begun = new Promise<DragData>((resolve) =>
      session.once('Input.dragIntercepted', ({ data }) => resolve(data as DragData)),
    );
    const { x, y } = await middleOf(source);
    const mouse = async (type: 'mouseMoved' | 'mousePressed', dx: number): Promise<void> => {
      await session.send('Input.dispatchMouseEvent', {
        type,
        x: x + dx,
        y,
        button: 'left',
        buttons: type === 'mousePressed' || dx > 0 ? 1 : 0,
        clickCount: 1,
      });
    };
    await mouse('mouseMoved', 0);
    await mouse('mousePressed', 0);
    // While the drag is intercepted, the last of these resolves only when the drag starts.
    void mouse('mouseMoved', 6).then(() => mouse('mouseMoved', 12));
    const data = await begun;
    await session.send('Input.setInterceptDrags', { enabled: false });
    return new RealDrag(page, session, { ...data, files });
  }

  /** Moves the drag to the middle of an element. Sends `dragover` twice, because browsers repeat it. */
  async over(target: Locator): Promise<void> {
    this.#point = await middleOf(target);
    await this.#send('dragEnter');
    await this.stay();
  }

  /** Keeps the drag at its position. */
  async stay(): Promise<void> {
    await this.#send('dragOver');
    await this.#send('dragOver');
  }

  /**
   * Drops at the current position. For a drag from outside, it dispatches `pointermove` first, as Chromium does before
   * a drop. Chromium does not do so over this protocol, where another `dragover` comes in between.
   */
  async drop(): Promise<void> {
    const isForeign = this.#data.items.length === 0;
    if (isForeign) await this.#page.evaluate(() => window.dispatchEvent(new PointerEvent('pointermove')));
    await this.#send('drop');
  }

  /** Makes the drag leave the window, or cancels it as Escape does. */
  async leave(): Promise<void> {
    await this.#send('dragCancel');
  }

  async #send(type: 'dragEnter' | 'dragOver' | 'drop' | 'dragCancel'): Promise<void> {
    const { items, files, dragOperationsMask } = this.#data;
    const data = { items: [...items], files: [...files], dragOperationsMask };
    await this.#session.send('Input.dispatchDragEvent', { type, ...this.#point, data });
  }
}

async function middleOf(target: Locator): Promise<{ readonly x: number; readonly y: number }> {
  const box = await target.boundingBox();
  if (box === null) throw new Error('The target of the drag is not visible.');
  return { x: Math.floor(box.x + box.width / 2), y: Math.floor(box.y + box.height / 2) };
}
