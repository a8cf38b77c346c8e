let lastModified = 1_700_000_000_000;

/** A file of so many bytes, with a date of its own. */
export function sampleFile(name: string, size = 1_500_000, type = 'application/octet-stream'): File {
  lastModified += 1000;
  return new File([new Uint8Array(size)], name, { type, lastModified });
}

/** A small picture, drawn on the spot. */
export function samplePicture(name: string, hue = 215): File {
  lastModified += 1000;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 80"><defs><linearGradient id="g" x2="1" y2="1"><stop stop-color="hsl(${hue} 70% 50%)"/><stop offset="1" stop-color="hsl(${hue + 60} 80% 65%)"/></linearGradient></defs><path fill="url(#g)" d="M0 0h80v80H0z"/><path fill="#fff" opacity=".8" d="M12 62l18-24 13 16 9-11 16 19z"/></svg>`;
  return new File([svg], name, { type: 'image/svg+xml', lastModified });
}
