// A small picture that does not change.
import { useEffect, useRef } from 'react';
import type { Picture } from '../../player/messages.ts';

export function drawPicture(canvas: HTMLCanvasElement | null, { width, height, pixels }: Picture): void {
  if (canvas === null || width === 0 || height === 0) return;
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  canvas.getContext('2d')?.putImageData(new ImageData(pixels, width, height), 0, 0);
}

export function PictureCanvas({ picture }: { readonly picture: Picture }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => drawPicture(canvas.current, picture), [picture]);
  return <canvas ref={canvas} />;
}
