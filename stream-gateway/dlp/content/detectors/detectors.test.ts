import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ContentDetector } from '../../../../schemas/kinds/policies/dlp-rules.ts';
import { DETECTORS } from './all.ts';

const found = (detector: ContentDetector, text: string): readonly string[] =>
  DETECTORS[detector](text).map(({ start, end }) => text.slice(start, end));

/** Put together here, so that no scanner of repositories takes them for real. */
const AWS = `AKIA${'IOSFODNN7EXAMPLE'.slice(0, 16).replace('1', 'A')}`;
const JWT_HEADER = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url');
const JWT = `${JWT_HEADER}.${Buffer.from('{"sub":"1"}').toString('base64url')}.c2lnbmF0dXJl`;

describe('card numbers', () => {
  test.each([
    ['4111111111111111', '4111111111111111'],
    ['pay 4111 1111 1111 1111 now', '4111 1111 1111 1111'],
    ['5500-0000-0000-0004', '5500-0000-0000-0004'],
    ['3782 822463 10005', '3782 822463 10005'],
    ['id 12 4111 1111 1111 1111 99', '4111 1111 1111 1111'],
    ['41 11 11 11 11 11 11 11', '41 11 11 11 11 11 11 11'],
    ['6011.0009.9013.9424', '6011.0009.9013.9424'],
    ['2223003122003222', '2223003122003222'],
  ])('%s', (text, card) => expect(found('CardNumber', text)).toEqual([card]));

  test.each([
    ['a wrong check digit', '4111 1111 1111 1112'],
    ['a part of a longer number', '94111111111111111000'],
    ['a prefix of no issuer', '1111 1111 1111 1117'],
    ['mixed separators', '4111 1111-1111 1111'],
    ['a phone number', '+49 30 1234567890'],
    ['a hash', '41111111111111114111111111111111'],
  ])('not %s', (_what, text) => expect(found('CardNumber', text)).toEqual([]));
});

test.each<[ContentDetector, string, readonly string[]]>([
  ['Iban', 'to DE89 3704 0044 0532 0130 00, please', ['DE89 3704 0044 0532 0130 00']],
  ['Iban', 'gb29nwbk60161331926819', ['gb29nwbk60161331926819']],
  ['Iban', 'NO9386011117947.', ['NO9386011117947']],
  ['Iban', 'DE89 3704 0044 0532 0130 01', []],
  ['Iban', 'XX89370400440532013000', []],
  ['Iban', 'DE8937040044053201300012', []],
  ['AwsAccessKey', `id ${AWS}.`, [AWS]],
  ['AwsAccessKey', `x${AWS}`, []],
  ['AwsAccessKey', `aws_secret_access_key = ${'a1B/'.repeat(10)}\n`, [`aws_secret_access_key = ${'a1B/'.repeat(10)}`]],
  ['AwsAccessKey', 'a1B/'.repeat(10), []],
  ['AzureStorageKey', `AccountKey=${'a'.repeat(86)}==;`, [`AccountKey=${'a'.repeat(86)}==`]],
  ['GoogleApiKey', `key=AIza${'b'.repeat(35)}&`, [`AIza${'b'.repeat(35)}`]],
  ['GoogleApiKey', `AIza${'b'.repeat(36)}`, []],
  [
    'GitHubToken',
    `ghp_${'c'.repeat(36)} github_pat_${'d'.repeat(82)}`,
    [`ghp_${'c'.repeat(36)}`, `github_pat_${'d'.repeat(82)}`],
  ],
  ['GitLabToken', `glpat-${'e'.repeat(20)}`, [`glpat-${'e'.repeat(20)}`]],
  ['SlackToken', `xoxb-${'1'.repeat(12)}-x`, [`xoxb-${'1'.repeat(12)}-x`]],
  ['JsonWebToken', `Bearer ${JWT}`, [JWT]],
  ['JsonWebToken', `a.b.${JWT}.d`, [JWT]],
  ['JsonWebToken', 'www.example.com/eyJ.eyJ.x', []],
])('%s in %s', (detector, text, expected) => expect(found(detector, text)).toEqual(expected));

test('a private key is found whole, and to the end of the text where its end is cut off', () => {
  const key = `-----BEGIN ${'OPENSSH'} PRIVATE KEY-----\nb3BlbnNzaA==\n-----END ${'OPENSSH'} PRIVATE KEY-----`;
  expect(found('PrivateKey', `a ${key} b ${key}`)).toEqual([key, key]);
  expect(found('PrivateKey', `a ${key.slice(0, 60)}`)).toEqual([key.slice(0, 60)]);
  expect(found('PrivateKey', '-----BEGIN PUBLIC KEY-----')).toEqual([]);
});

const DETECTOR_NAMES = Object.keys(DETECTORS) as ContentDetector[];
const SEEDS = [
  '4111 ',
  '-----BEGIN PRIVATE KEY-----',
  'eyJ',
  '.',
  'DE89',
  'AKIA',
  'ghp_',
  'xoxb-',
  'AccountKey=',
  'glpat-',
  ' ',
  '\n',
  'a',
  '1',
  '-',
];

test('whatever the text, spans lie inside of it and are not empty', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constantFrom(...SEEDS), fc.string({ maxLength: 8 })), { maxLength: 200 }), (pieces) => {
      const text = pieces.join('');
      for (const name of DETECTOR_NAMES)
        for (const { start, end } of DETECTORS[name](text)) {
          expect(start).toBeGreaterThanOrEqual(0);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(text.length);
        }
    }),
  );
});

test.each([
  '1',
  '1 ',
  'a',
  'a.',
  'eyJ',
  'eyJ.',
  'DE89',
  'ghp_',
  'glpat-',
  'xoxb-',
  'AKIA',
  '-----BEGIN PRIVATE KEY-----',
  'aws_secret_key=',
])(
  'a quarter of a megabyte of "%s" is gone through by every detector, and eight times as much takes no more than its share',
  (piece) => {
    const measure = (bytes: number): number => {
      const text = piece.repeat(Math.ceil(bytes / piece.length));
      const startedAt = process.cpuUsage();
      for (const name of DETECTOR_NAMES) DETECTORS[name](text);
      const { user, system } = process.cpuUsage(startedAt);
      return (user + system) / 1000;
    };
    measure(32 * 1024);
    const small = measure(32 * 1024);
    // A square would be 64 times as much; the constant is for clocks that are coarse and machines that are busy.
    expect(measure(256 * 1024)).toBeLessThan(24 * small + 400);
  },
);
