import { expect } from 'chai';
import { encodePng, noise } from '../support/png.js';
import { Uploader } from '../support/uploader-harness.js';
import { waitUntil } from '../support/wait-until.js';

/** Whether this browser alters what is read from a canvas. */
async function isCanvasAltered(): Promise<boolean> {
  const [width, height] = [64, 64];
  const data = new ImageData(width, height);
  const colour = noise(3);
  for (let pixel = 0; pixel < width * height; pixel += 1) data.data.set([...colour(), 255], pixel * 4);
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  context?.drawImage(await createImageBitmap(data), 0, 0);
  const read = context?.getImageData(0, 0, width, height).data;
  return !data.data.every((value, index) => value === read?.[index]);
}

describe('a browser that resists fingerprinting (F2)', () => {
  it('alters what is read from a canvas: the original is uploaded, and no picture is shown', async () => {
    expect(await isCanvasAltered(), 'without which this says nothing').to.equal(true);
    const uploader = await Uploader.open({ compress: { maxWidth: 100 } });
    const picture = await encodePng(300, 200, noise());
    await uploader.element.add([picture]);
    const { job } = await uploader.transport.nextUpload();
    expect(job.file.file === picture).to.equal(true);
    await waitUntil(() => uploader.all('.picture svg').length === 1);
    await uploader.settled();
    expect(uploader.all('.picture canvas')).to.have.length(0);
  });
});
