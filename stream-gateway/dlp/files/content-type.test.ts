import fc from 'fast-check';
import { supportedMimeTypes } from 'file-type';
import { describe, expect, test } from 'vitest';
import { foundType, isFalseType, plainType, SAMPLE_BYTES } from './content-type.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');
const recognised = (type: string): boolean => supportedMimeTypes.has(type);

describe('the type by content', () => {
  test.each([
    ['hello', 'text/plain'],
    ['', 'text/plain'],
    ['\ufeffgrüße\t\r\n', 'text/plain'],
    ['\n <!DOCTYPE html><p>', 'text/html'],
    ['<!-- x -->\n<html lang="en">', 'text/html'],
    ['<svg onload="x">', 'image/svg+xml'],
    ['<?xml version="1.0"?>\n<!-- x --><svg xmlns="y"/>', 'image/svg+xml'],
    ['#!/bin/sh\nid', 'text/x-shellscript'],
    ['a\0b', 'application/octet-stream'],
    ['htmlish <html>', 'text/plain'],
  ])('%j is %s', (text, type) => {
    expect(foundType(undefined, bytes(text))).toBe(type);
  });

  test('text that a browser would run is told even where a signature says less', () => {
    expect(foundType('application/xml', bytes('<?xml version="1.0"?><svg/ >'))).toBe('application/xml');
    expect(foundType('application/xml', bytes('<?xml version="1.0"?><svg >'))).toBe('image/svg+xml');
  });

  test('hostile text is told in time', () => {
    const before = performance.now();
    for (const text of ['<!---->'.repeat(9_000), '<?xml>'.repeat(9_000), ' '.repeat(60_000), '<!--'.repeat(15_000)])
      expect(foundType(undefined, bytes(text))).toBe('text/plain');
    expect(performance.now() - before).toBeLessThan(1_000);
  });

  test('a character that the end of the sample cuts through makes text no less text', () => {
    const text = `${'x'.repeat(SAMPLE_BYTES - 1)}é`;
    expect(foundType(undefined, bytes(text).subarray(0, SAMPLE_BYTES))).toBe('text/plain');
  });

  test('text in UTF-16 and in an old code page is text', () => {
    expect(foundType(undefined, Buffer.from('\ufeffhello', 'utf16le'))).toBe('text/plain');
    expect(foundType(undefined, Buffer.from('gr\xfc\xdfe', 'latin1'))).toBe('text/plain');
  });

  test('whatever the bytes, there is one plain type', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 64 }),
        fc.option(fc.constantFrom(...supportedMimeTypes), { nil: undefined }),
        (sample, signature) => {
          expect(foundType(signature, sample)).toMatch(/^[a-z]+\/[a-z0-9][a-z0-9.+_-]*$/i);
        },
      ),
    );
  });
});

describe('what a file is declared to be', () => {
  test.each([
    ['image/png', 'text/plain'],
    ['image/png', 'application/pdf'],
    ['image/png', 'application/octet-stream'],
    ['image/x-unheard-of', 'text/plain'],
    ['text/plain', 'application/x-msdownload'],
    ['text/plain', 'application/octet-stream'],
    ['application/pdf', 'application/x-msdownload'],
    ['application/pdf', 'text/html'],
    ['application/zip', 'application/x-elf'],
    ['application/x-unheard-of', 'application/x-elf'],
  ])('%s is false for %s', (declared, found) => {
    expect(isFalseType(declared, found, recognised)).toBe(true);
  });

  test.each([
    ['', 'application/x-elf'],
    ['application/octet-stream', 'image/png'],
    ['IMAGE/JPG', 'image/jpeg'],
    ['text/csv; charset=utf-8', 'text/plain'],
    ['application/json', 'text/plain'],
    ['application/x-sh', 'text/x-shellscript'],
    ['application/javascript', 'text/plain'],
    ['application/x-zip-compressed', 'application/zip'],
    ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'application/zip'],
    ['application/msword', 'application/x-cfb'],
    ['video/mp4', 'video/quicktime'],
    ['application/x-unheard-of', 'application/octet-stream'],
    ['application/x-unheard-of', 'text/plain'],
  ])('%j may be %s', (declared, found) => {
    expect(isFalseType(declared, found, recognised)).toBe(false);
  });

  test('what was found is never false for itself', () => {
    fc.assert(
      fc.property(fc.constantFrom(...supportedMimeTypes), (type) => {
        expect(isFalseType(type, plainType(type), recognised)).toBe(false);
      }),
    );
  });
});
