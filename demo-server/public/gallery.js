const PAGE = 24;

/** Shows what the database holds, newest first, page by page. */
export function showGallery(text, language) {
  const list = document.querySelector('#gallery');
  const more = document.querySelector('#more');
  const empty = document.querySelector('#empty');
  const failure = document.querySelector('#gallery-error');
  let uploads = [];
  let cursor;

  const load = async (from) => {
    try {
      const query = new URLSearchParams({ limit: PAGE, ...(from && { cursor: from }) });
      const response = await fetch(`/api/uploads?${query}`);
      if (!response.ok) throw new Error(`${response.status}`);
      const page = await response.json();
      uploads = from ? [...uploads, ...page.uploads] : page.uploads;
      ({ cursor } = page);
      failure.hidden = true;
    } catch (error) {
      failure.hidden = false;
      console.error(error);
    }
    render();
  };

  const render = () => {
    list.replaceChildren(...uploads.map((upload) => tile(upload, language())));
    more.hidden = !cursor;
    empty.hidden = uploads.length > 0 || !failure.hidden;
  };

  more.addEventListener('click', () => void load(cursor));
  return { refresh: () => load(), retell: render };
}

function tile({ url, name, type, size, width, height }, language) {
  const item = document.createElement('li');
  const link = Object.assign(document.createElement('a'), {
    href: url,
    target: '_blank',
    rel: 'noopener',
    title: name,
  });
  const picture = Object.assign(document.createElement('span'), { className: 'picture' });
  const isShown = /^image\/(avif|gif|jpeg|png|webp|svg\+xml)$/.test(type);
  if (isShown) picture.append(Object.assign(document.createElement('img'), { src: url, alt: '', loading: 'lazy' }));
  else picture.textContent = /\.(\w{1,8})$/.exec(name)?.[1]?.toUpperCase() ?? type;
  const about = [...(width && height ? [`${width} × ${height}`] : []), formatSize(size, language)].join(' · ');
  link.append(
    picture,
    Object.assign(document.createElement('span'), { className: 'name', textContent: name }),
    Object.assign(document.createElement('span'), { className: 'about', textContent: about }),
  );
  item.append(link);
  return item;
}

function formatSize(bytes, language) {
  if (bytes < 1024) return `${bytes} B`;
  const [unit, divisor] = bytes < 1024 ** 2 ? ['kilobyte', 1024] : ['megabyte', 1024 ** 2];
  const options = { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 1 };
  return new Intl.NumberFormat(language, options).format(bytes / divisor);
}
