const ADDRESS = '/api/showcase/flow';

/** Milliseconds until a rejected stream is requested again. */
const RETRY = 30_000;

/** Streams the server's events as text. The browser reopens a dropped connection; this function reopens a rejected one. */
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
