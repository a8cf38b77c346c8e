import { formatSize } from './format.js';

const PAGE = 24;

/** Shows the uploads in the database, newest first, in pages. Uploads can be deleted. */
export function showGallery(text, language) {
  const list = document.querySelector('#gallery');
  const more = document.querySelector('#more');
  const empty = document.querySelector('#empty');
  const failure = document.querySelector('#gallery-error');
  let uploads = [];
  let cursor;
  /** Key of the error text. */
  let problem;

  const load = async (from) => {
    try {
      const query = new URLSearchParams({ limit: PAGE, ...(from && { cursor: from }) });
      const response = await fetch(`/api/uploads?${query}`);
      if (!response.ok) throw new Error(`${response.status}`);
      const page = await response.json();
      uploads = from ? [...uploads, ...page.uploads] : page.uploads;
      ({ cursor } = page);
      problem = undefined;
    } catch (error) {
      problem = 'galleryError';
      console.error(error);
    }
    render();
  };

  const remove = async ({ id, name }) => {
    if (!confirm(text('confirmDelete').replace('{name}', name))) return;
    try {
      const response = await fetch(`/api/uploads/${encodeURIComponent(id)}`, { method: 'DELETE' });
      if (!response.ok && response.status !== 404) throw new Error(`${response.status}`); // already deleted
      const index = uploads.findIndex((upload) => upload.id === id);
      uploads = uploads.toSpliced(index, 1);
      problem = undefined;
      render();
      (list.children[Math.min(index, uploads.length - 1)]?.querySelector('button') ?? empty).focus();
    } catch (error) {
      problem = 'deleteError';
      console.error(error);
      render();
    }
  };

  const render = () => {
    list.replaceChildren(...uploads.map((upload) => tile(upload, { text, language, remove })));
    more.hidden = !cursor;
    empty.hidden = uploads.length > 0 || problem !== undefined;
    failure.hidden = problem === undefined;
    failure.textContent = problem === undefined ? '' : text(problem);
  };

  more.addEventListener('click', () => void load(cursor));
  return { refresh: () => load(), updateTexts: render };
}

function tile(upload, { text, language, remove }) {
  const { url, thumbnailUrl, name, type, size, width, height, color } = upload;
  const item = document.createElement('li');
  const link = create('a', { href: url, target: '_blank', rel: 'noopener', title: name });
  const picture = create('span', { className: 'picture' });
  if (color) picture.style.backgroundColor = color;
  if (thumbnailUrl ?? /^image\/svg\+xml$/.test(type)) {
    const image = create('img', { src: thumbnailUrl ?? url, alt: '', loading: 'lazy' });
    // Falls back to the original if image processing is not available.
    image.addEventListener('error', () => (image.src = url), { once: true });
    picture.append(image);
  } else picture.textContent = /\.(\w{1,8})$/.exec(name)?.[1]?.toUpperCase() ?? type;
  const about = [...(width && height ? [`${width} × ${height}`] : []), formatSize(size, language())].join(' · ');
  link.append(
    picture,
    create('span', { className: 'name', textContent: name }),
    create('span', { className: 'about', textContent: about }),
  );
  const button = create('button', { type: 'button', className: 'delete', textContent: text('delete') });
  button.setAttribute('aria-label', `${text('delete')} ${name}`);
  button.addEventListener('click', () => void remove(upload));
  item.append(link, button);
  return item;
}

function create(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}
