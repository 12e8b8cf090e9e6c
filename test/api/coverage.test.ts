import { describe, expect, test } from 'vitest';
import { coverageOf, operationsOf, publicOperationsOf } from './coverage.ts';

const DOCUMENT = {
  paths: {
    '/me': { get: { security: [{}] } },
    '/errors': { get: { security: [] } },
    '/sessions/{name}': { get: { security: [{}] }, delete: { security: [{}] } },
  },
};

describe('what the API test has asked', () => {
  test('is compared with every operation of the document', () => {
    const operations = operationsOf(DOCUMENT);
    expect(operations).toEqual(['GET /me', 'GET /errors', 'GET /sessions/{name}', 'DELETE /sessions/{name}']);
    const log = 'GET /me\t200\nGET /me\t401\nGET /errors\t200\nGET /sessions/{name}\t404\n';
    expect(coverageOf(operations, log)).toEqual({
      asked: 3,
      askable: 4,
      questions: 4,
      limited: 0,
      missing: ['DELETE /sessions/{name}'],
    });
  });

  test('counts no answer that only said to wait', () => {
    expect(coverageOf(['GET /me'], 'GET /me\t429\n')).toEqual({
      ...{ asked: 0, askable: 1 },
      questions: 1,
      limited: 1,
      missing: ['GET /me'],
    });
  });

  test('leaves out what cannot be asked, by name', () => {
    expect(coverageOf(['GET /me'], '', { 'GET /me': 'reason' }).missing).toEqual([]);
  });

  test('knows what is open to everybody', () => {
    expect(publicOperationsOf(DOCUMENT)).toEqual(['GET /errors']);
  });
});
