const ADDRESS = '/api/showcase/flow';

/** Milliseconds until a stream that the server refused is asked for again. */
const RETRY = 30_000;

/** The server's events, as text. A broken connection is opened again by the browser, a refused one by this. */
export function openStream(onData) {
  let source;
  let timer;
  const open = () => {
    source = new EventSource(ADDRESS);
    source.addEventListener('message', ({ data }) => onData(data));
    source.addEventListener('error', () => {
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, RETRY);
    });
  };
  open();
  return {
    close() {
      clearTimeout(timer);
      source.close();
    },
  };
}
