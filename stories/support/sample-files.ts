let lastModified = 1_700_000_000_000;

/** Creates a file of `size` bytes with a unique modification date. */
export function sampleFile(name: string, size = 1_500_000, type = 'application/octet-stream'): File {
  lastModified += 1000;
  return new File([new Uint8Array(size)], name, { type, lastModified });
}

/** Creates a small SVG image. */
export function samplePicture(name: string, hue = 215): File {
  lastModified += 1000;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 80"><defs><linearGradient id="g" x2="1" y2="1"><stop stop-color="hsl(${hue} 70% 50%)"/><stop offset="1" stop-color="hsl(${hue + 60} 80% 65%)"/></linearGradient></defs><path fill="url(#g)" d="M0 0h80v80H0z"/><path fill="#fff" opacity=".8" d="M12 62l18-24 13 16 9-11 16 19z"/></svg>`;
  return new File([svg], name, { type: 'image/svg+xml', lastModified });
}

/** Creates a photo-like JPEG of `width` × `height` pixels. */
export async function samplePhoto(name: string, width: number, height: number, hue = 215): Promise<File> {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (context !== null) {
    const sky = context.createLinearGradient(0, 0, 0, height);
    sky.addColorStop(0, `hsl(${hue} 70% 45%)`);
    sky.addColorStop(1, `hsl(${hue + 40} 80% 85%)`);
    context.fillStyle = sky;
    context.fillRect(0, 0, width, height);
    context.fillStyle = `hsl(${hue + 150} 35% 30%)`;
    context.beginPath();
    context.moveTo(0, height);
    context.lineTo(width * 0.35, height * 0.4);
    context.lineTo(width * 0.55, height * 0.7);
    context.lineTo(width * 0.72, height * 0.5);
    context.lineTo(width, height);
    context.fill();
  }
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg'));
  lastModified += 1000;
  return new File(blob === null ? [] : [blob], name, { type: 'image/jpeg', lastModified });
}
