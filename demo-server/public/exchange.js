import { formatMilliseconds, formatSize, pretty } from './format.js';

/** Creates a list item with a collapsed request and response. `request`, `reply`, `policy` and `detail` are optional. */
export function exchangeView(exchange, text, language) {
  const { title, status, duration, request, reply, policy, detail } = exchange;
  const item = document.createElement('li');
  const details = document.createElement('details');
  details.open = exchange.isOpen ?? false;
  details.addEventListener('toggle', () => (exchange.isOpen = details.open));
  const summary = document.createElement('summary');
  summary.append(span('title', title));
  if (status !== undefined) summary.append(span(`status ${statusClass(status)}`, String(status || '—')));
  if (duration !== undefined) summary.append(span('time', formatMilliseconds(duration, language)));
  const blocks = document.createElement('div');
  blocks.className = 'blocks';
  for (const [name, value] of [
    ['request', request],
    ['policy', policy && pretty(policy)],
    ['answered', reply],
    ['detail', detail],
  ]) {
    if (value) blocks.append(block(text(name), value));
  }
  details.append(summary, blocks);
  item.append(details);
  return item;
}

/** Converts a request that the server received. */
export function fromServer({ request, reply, policy, duration }) {
  const { method, path, headers, body } = request;
  const lines = [`${method} ${path}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
  return {
    title: `${method} ${path}`,
    status: reply.status,
    duration,
    request: [...lines, '', pretty(body)].join('\n').trim(),
    reply: pretty(reply.body),
    policy,
  };
}

/** Converts a request that the element sent to Kodo. */
export function fromElement({ method, url, body, fileBytes, status, reqid, reply, duration }, language) {
  const { pathname, href } = new URL(url);
  const bytes = formatSize(fileBytes, language);
  // The token is a form field or a header, depending on the request. It is never shown.
  const sent =
    pathname === '/'
      ? [
          '',
          ...Object.entries({ file: `(${bytes})`, token: '•••', ...body }).map(([name, value]) => `${name}: ${value}`),
        ]
      : ['authorization: UpToken •••', '', fileBytes > 0 ? `(${bytes})` : pretty(body ?? '')];
  return {
    title: `${method} ${shorten(pathname)}`,
    status,
    duration,
    request: [`${method} ${href}`, ...sent].join('\n').trim(),
    reply: [...(reqid ? [`x-reqid: ${reqid}`, ''] : []), pretty(reply)].join('\n').trim(),
  };
}

/** Shortens bucket, key and upload ID in a path: they are long and the same in every line. */
function shorten(path) {
  return path.replace(/^\/buckets\/.*\/uploads/, '…/uploads').replace(/(\/uploads\/)[^/]+/, '$1…');
}

/** Status 0 means that the request was aborted or the network failed; it is neither good nor bad. */
function statusClass(status) {
  if (status === 0) return '';
  return status === 200 ? 'good' : 'bad';
}

function block(title, value) {
  const element = document.createElement('div');
  const pre = Object.assign(document.createElement('pre'), { textContent: value, tabIndex: 0 });
  element.append(span('caption', title), pre);
  return element;
}

function span(className, textContent) {
  return Object.assign(document.createElement('span'), { className, textContent });
}
