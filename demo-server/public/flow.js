import { followServer } from './flow-stream.js';
import { exchangeView, fromElement, fromServer } from './exchange.js';
import { formatSize, pretty } from './format.js';

const STEPS = ['token', 'bytes', 'callback', 'answer', 'event'];

/** Maximum number of uploads kept, and of requests shown per step. */
const KEPT_FLOWS = 50;
const KEPT_EXCHANGES = 40;

/**
 * Shows the five steps of an upload live, with the real requests and responses: events of the element report what the
 * browser sends, and a stream from the server reports what it receives.
 */
export function followFlow(uploader, text, language) {
  const list = document.querySelector('#flow');
  const choice = document.querySelector('#flow-choice');
  const select = document.querySelector('#flow-file');
  const elements = new Map([...list.children].map((step) => [step.dataset.step, step]));
  const flows = [];
  let shown;

  const begin = ({ name, size }) => {
    const steps = Object.fromEntries(
      STEPS.map((step) => [step, { state: '', note: () => '', count: 0, failed: 0, exchanges: [] }]),
    );
    const flow = { name, size, itemId: undefined, uploadId: undefined, steps };
    flows.unshift(flow);
    flows.splice(KEPT_FLOWS);
    shown = flow;
    showChoice();
    return flow;
  };

  /** The element and the server use different IDs for an upload, and either may report first. */
  const ofItem = (item) => {
    const known = flows.find(({ itemId }) => itemId === item.id);
    if (known) return known;
    const flow = flows.find((one) => isSame(one, item) && one.itemId === undefined) ?? begin(item);
    flow.itemId = item.id;
    return flow;
  };
  const ofUpload = (id, file) => {
    const known = flows.find(({ uploadId }) => uploadId !== undefined && uploadId === id);
    if (known || file === undefined) return known;
    const flow = flows.find((one) => isSame(one, file) && one.uploadId === undefined) ?? begin(file);
    flow.uploadId = id;
    return flow;
  };

  const mark = (flow, step, state, note) => {
    Object.assign(flow.steps[step], { state, ...(note && { note }) });
    if (flow === shown) show();
  };
  const add = (flow, step, exchange) => {
    const { exchanges } = flow.steps[step];
    flow.steps[step].count += 1;
    if (exchange.status !== 200 && exchange.status !== 579) flow.steps[step].failed += 1;
    exchanges.push(exchange);
    exchanges.splice(0, exchanges.length - KEPT_EXCHANGES);
    if (flow === shown) show();
  };

  /** Size, number of requests, and number of failed requests. */
  const sentNote = ({ size, steps: { bytes } }) => {
    const { count, failed } = bytes;
    const counts = [`${text('requests')}: ${count}`, ...(failed ? [`${text('failed')}: ${failed}`] : [])];
    return [formatSize(size, language()), ...counts].join(' · ');
  };

  const show = () => {
    for (const [name, element] of elements) {
      const { state, note, exchanges } = shown?.steps[name] ?? { state: '', note: () => '', exchanges: [] };
      element.className = state;
      element.querySelector('[data-note]').textContent = note();
      const nodes = exchanges.map((exchange) => (exchange.node ??= exchangeView(exchange, text, language())));
      const rows = element.querySelector('.exchanges');
      if (nodes.length !== rows.children.length || nodes.some((node, index) => node !== rows.children[index])) {
        rows.replaceChildren(...nodes);
      }
    }
  };

  const showChoice = () => {
    select.replaceChildren(...flows.map(({ name }, index) => new Option(name, String(index))));
    select.selectedIndex = flows.indexOf(shown);
    choice.hidden = flows.length < 2;
  };
  select.addEventListener('change', () => {
    shown = flows[select.selectedIndex];
    show();
  });

  uploader.addEventListener('upload-start', ({ detail }) => mark(ofItem(detail.item), 'bytes', 'running'));
  uploader.addEventListener('upload-progress', ({ detail: { item, percent } }) => {
    mark(ofItem(item), 'bytes', 'running', () => `${text('sent')} ${percent}%`);
  });
  uploader.addEventListener('upload-wait', ({ detail: { item, reason } }) => {
    mark(ofItem(item), 'bytes', 'running', () => text(`wait_${reason.code}`));
  });
  uploader.addEventListener('upload-request', ({ detail: { item, request } }) => {
    add(ofItem(item), 'bytes', fromElement(request, language()));
  });
  uploader.addEventListener('upload-success', ({ detail }) => {
    const { item, response, key, hash, source } = detail;
    const flow = ofItem(item);
    const { callback, answer } = flow.steps;
    mark(flow, 'bytes', 'done', () => sentNote(flow));
    if (source === 'callback') {
      if (callback.state === '') mark(flow, 'callback', 'done', () => text('elsewhere'));
      if (answer.state === '') mark(flow, 'answer', 'done', () => text('elsewhere'));
    } else if (source === 'confirm') {
      mark(flow, 'callback', 'failed');
      if (callback.note() === '') callback.note = () => text('callbackFailed');
    } else {
      for (const step of ['callback', 'answer']) mark(flow, step, 'skipped', () => text('noCallback'));
    }
    mark(flow, 'event', 'done', () => `${text('noteSource')}: ${source}`);
    add(flow, 'event', { title: 'upload-success', detail: pretty({ key, hash, source, response }), isOpen: true });
  });
  uploader.addEventListener('upload-unconfirmed', ({ detail: { item, key, error } }) => {
    const flow = ofItem(item);
    mark(flow, 'bytes', 'done', () => sentNote(flow));
    mark(flow, 'callback', 'failed', () => `${text('callbackFailed')} (${error.callback?.message ?? error.message})`);
    mark(flow, 'event', 'failed');
    add(flow, 'event', { title: 'upload-unconfirmed', detail: pretty({ key, error: error.message }), isOpen: true });
  });
  uploader.addEventListener('upload-error', ({ detail: { item, error } }) => {
    const flow = ofItem(item);
    mark(flow, 'bytes', 'failed', () => error.message);
    mark(flow, 'event', 'failed');
    add(flow, 'event', { title: 'upload-error', detail: pretty({ code: error.code, message: error.message }) });
  });

  const handlers = {
    token(exchange) {
      const { request, reply } = exchange;
      const flow = ofUpload(exchange.id ?? request.body?.id, request.body);
      if (!flow) return;
      const isRenewed = flow.steps.token.exchanges.length > 0;
      const isGood = reply.status === 200;
      const note = isRenewed ? 'noteRenewed' : 'noteToken';
      mark(flow, 'token', isGood ? 'done' : 'failed', () => (isGood ? text(note) : reply.body?.error?.message));
      add(flow, 'token', fromServer(exchange));
    },
    callback(exchange) {
      const flow = ofUpload(exchange.id);
      if (!flow) return;
      const { request, reply } = exchange;
      const isGood = reply.status === 200;
      const scheme = request.headers.authorization?.split(' ')[0] ?? '';
      const isForged = reply.status === 401;
      mark(
        flow,
        'callback',
        isForged ? 'failed' : 'done',
        () => `${text(isForged ? 'forged' : 'verified')} (${scheme})`,
      );
      mark(flow, 'answer', isGood ? 'done' : 'failed', () => text(isGood ? 'noteAnswer' : 'noteRefusal'));
      const { reply: answer, ...came } = fromServer(exchange);
      add(flow, 'callback', { ...came, status: undefined });
      add(flow, 'answer', { title: text('json'), status: reply.status, reply: answer });
    },
    confirm(exchange) {
      const flow = ofUpload(exchange.id);
      if (!flow) return;
      const isGood = exchange.reply.status === 200;
      mark(flow, 'answer', isGood ? 'done' : 'failed', () => text('noteConfirm'));
      add(flow, 'answer', fromServer(exchange));
    },
  };
  followServer(uploader, (exchange) => handlers[exchange.step](exchange));

  return {
    /** Renders the texts again in the selected language. */
    updateTexts() {
      for (const flow of flows) {
        for (const { exchanges } of Object.values(flow.steps)) for (const exchange of exchanges) delete exchange.node;
      }
      show();
    },
  };
}

function isSame(flow, { name, size }) {
  return flow.name === name && flow.size === size;
}
