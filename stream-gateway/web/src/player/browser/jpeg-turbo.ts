// In the place of `@julusian/jpeg-turbo` in a browser. A recording has no JPEG: the recorder asks for none, so that every pixel is
// as it was (recorded-encodings.ts). A desktop that sends one all the same is not understood.

function refuse(): never {
  throw new Error('a JPEG in a recording');
}

export default {
  SAMP_444: 0,
  SAMP_422: 1,
  SAMP_420: 2,
  FORMAT_RGBX: 2,
  FORMAT_RGBA: 7,
  compressSync: refuse,
  decompressSync: refuse,
};
