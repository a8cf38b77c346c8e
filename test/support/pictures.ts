/** Creates an image whose left half is red and whose right half is blue. */
export async function makePicture(width: number, height: number, type = 'image/png', name = 'a.png'): Promise<File> {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('The canvas has no 2D context.');
  context.fillStyle = '#f00';
  context.fillRect(0, 0, width / 2, height);
  context.fillStyle = '#00f';
  context.fillRect(width / 2, 0, width / 2, height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type, 1));
  if (blob === null) throw new Error(`The browser cannot encode ${type}.`);
  return new File([blob], name, { type: blob.type, lastModified: 1_700_000_000_000 });
}

/** Creates the same image as a JPEG that is stored sideways: its EXIF orientation rotates it by 90°. */
export async function makeTurnedPicture(width: number, height: number): Promise<File> {
  const picture = await makePicture(width, height, 'image/jpeg', 'turned.jpg');
  const bytes = new Uint8Array(await picture.arrayBuffer());
  const exif = [
    // APP1, its length, "Exif\0\0", big-endian TIFF header
    ...[0xff, 0xe1, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x4d, 0x4d, 0, 0x2a, 0, 0, 0, 8],
    // one field: orientation (0x0112), a short, one value: 6
    ...[0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0],
  ];
  // As a single blob part: Firefox detects the image type from the first part alone.
  const whole = new Uint8Array([...bytes.subarray(0, 2), ...exif, ...bytes.subarray(2)]);
  return new File([whole], picture.name, {
    type: picture.type,
    lastModified: picture.lastModified,
  });
}

/** Returns the displayed size of an image and the colors of its corners: `r` or `b`. */
export async function look(file: Blob): Promise<{ width: number; height: number; corners: string }> {
  const bitmap = await createImageBitmap(file);
  const { width, height } = bitmap;
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  context?.drawImage(bitmap, 0, 0);
  const corner = (x: number, y: number): string => ((context?.getImageData(x, y, 1, 1).data[0] ?? 0) > 128 ? 'r' : 'b');
  const corners = [corner(2, 2), corner(width - 3, 2), corner(2, height - 3), corner(width - 3, height - 3)].join('');
  return { width, height, corners };
}
