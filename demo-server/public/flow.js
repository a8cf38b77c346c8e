/**
 * Lights the five steps as they happen for the file that began last. Each is told by an event of the element; what
 * happens between Qiniu and the server is known from the reply.
 */
export function followFlow(uploader, list, text) {
  const steps = new Map([...list.children].map((step) => [step.dataset.step, step]));
  let current;

  const show = (name, state, note = () => '') => {
    const step = steps.get(name);
    step.className = state;
    step.note = note;
    step.querySelector('[data-note]').textContent = note();
  };
  const isCurrent = ({ item }) => item.id === current;

  uploader.addEventListener('upload-start', ({ detail }) => {
    current = detail.item.id;
    const { name } = detail.item;
    show('token', 'done', () => `${name} · ${text('noteToken')}`);
    show('bytes', 'running');
    for (const later of ['callback', 'answer', 'event']) show(later, '');
  });
  uploader.addEventListener('upload-progress', ({ detail }) => {
    if (isCurrent(detail)) show('bytes', 'running', () => `${text('sent')} ${detail.percent}%`);
  });
  uploader.addEventListener('upload-success', ({ detail }) => {
    if (!isCurrent(detail)) return;
    const { key, source } = detail;
    show('bytes', 'done', () => key ?? '');
    if (source === 'callback') {
      show('callback', 'done');
      show('answer', 'done', () => text('noteAnswer'));
    } else {
      show('callback', '', () => text('noCallback'));
      show('answer', '');
    }
    show('event', 'done', () => `${text('noteSource')}: ${source}`);
  });
  uploader.addEventListener('upload-unconfirmed', ({ detail }) => {
    if (!isCurrent(detail)) return;
    show('bytes', 'done', () => detail.key ?? '');
    show('callback', 'failed', () => detail.error.callback?.message ?? detail.error.message);
  });
  uploader.addEventListener('upload-error', ({ detail }) => {
    if (isCurrent(detail)) show('bytes', 'failed', () => detail.error.message);
  });

  return {
    /** Says it again in the language that was chosen. */
    retell() {
      for (const step of steps.values()) step.querySelector('[data-note]').textContent = step.note?.() ?? '';
    },
  };
}
