// What a file is by its content, and whether what somebody calls it can be true. Pure; the signatures are those of `file-type`.

/** As much of the beginning as is looked at where no signature was found. */
export const SAMPLE_BYTES = 64 * 1024;
const UNKNOWN = 'application/octet-stream';

/** Text that a browser or a shell would run: by how it begins, for there is no signature. */
const ACTIVE_TEXT: readonly (readonly [pattern: RegExp, type: string])[] = [
  [/^<svg[\s>]/i, 'image/svg+xml'],
  [/^<(!doctype html|html|head|body|script|iframe)[\s>]/i, 'text/html'],
  [/^#!/, 'text/x-shellscript'],
];

/** One name for what has several (and for what `file-type` calls otherwise than browsers do). */
const ALIASES: Readonly<Record<string, string>> = {
  'application/x-zip-compressed': 'application/zip',
  'application/x-zip': 'application/zip',
  'application/x-gzip': 'application/gzip',
  'application/x-tgz': 'application/gzip',
  'application/x-compressed-tar': 'application/gzip',
  'application/x-bzip': 'application/x-bzip2',
  'application/vnd.rar': 'application/x-rar-compressed',
  'application/x-rar': 'application/x-rar-compressed',
  'application/vnd.microsoft.portable-executable': 'application/x-msdownload',
  'application/x-msdos-program': 'application/x-msdownload',
  'application/x-dosexec': 'application/x-msdownload',
  'application/x-executable': 'application/x-elf',
  'application/x-sharedlib': 'application/x-elf',
  'application/vnd.sqlite3': 'application/x-sqlite3',
  'application/x-pdf': 'application/pdf',
  'text/rtf': 'application/rtf',
  'text/xml': 'application/xml',
  'image/jpg': 'image/jpeg',
  'image/pjpeg': 'image/jpeg',
  'image/x-png': 'image/png',
  'image/x-ms-bmp': 'image/bmp',
  'image/vnd.microsoft.icon': 'image/x-icon',
  'audio/mp3': 'audio/mpeg',
  'audio/x-wav': 'audio/wav',
  'audio/vnd.wave': 'audio/wav',
  'audio/x-flac': 'audio/flac',
  'video/x-matroska': 'video/matroska',
  'video/x-msvideo': 'video/vnd.avi',
  'video/avi': 'video/vnd.avi',
  'application/x-debian-package': 'application/x-deb',
  'application/vnd.debian.binary-package': 'application/x-deb',
};

/** What is a zip, or the old container of Microsoft, or an MP4 or Ogg, is often named more closely than the content tells. */
const CONTAINERS: readonly RegExp[] = [
  /^application\/(zip|epub\+zip|java-archive|x-xpinstall|vnd\.(openxmlformats-|oasis\.|ms-(excel|word|powerpoint)\.|android|apple|visio).*)$|^model\/3mf$/,
  /^application\/(x-cfb|msword|vnd\.ms-(excel|powerpoint|outlook)|vnd\.visio|x-msi)$/,
  /^(audio|video)\/(mp4|quicktime|x-m4[av]|3gpp2?)$|^image\/(hei[cf](-sequence)?|avif)$/,
  /^((audio|video|application)\/ogg|audio\/opus|video\/(webm|matroska)|audio\/(webm|matroska))$/,
  /^image\/(a?png)$/,
  /^(application\/(xml|.*\+xml)|image\/svg\+xml|text\/html)$/,
  /^(audio|video)\/(x-ms-(asf|wma|wmv))$|^application\/vnd\.ms-asf$/,
];

/** Types that are text though they do not begin with `text/`. */
const TEXTUAL =
  /^text\/|^application\/(json|.*\+json|xml|.*\+xml|javascript|ecmascript|x-sh|x-shellscript|x-python.*|x-perl|x-ruby|x-php|sql|toml|yaml|x-yaml|x-httpd-php|x-tex|x-subrip|rtf|pgp-.*|x-pem-file)$|^image\/svg\+xml$/;

/**
 * @param signature what `file-type` found, if anything
 * @param sample the first bytes of the file, at most {@link SAMPLE_BYTES}
 * @returns a media type without parameters, in lower case
 */
export function foundType(signature: string | undefined, sample: Uint8Array): string {
  const text = textOf(sample);
  const root = text === undefined ? '' : afterProlog(text);
  const active = ACTIVE_TEXT.find(([pattern]) => pattern.test(root))?.[1];
  if (active !== undefined) return active;
  if (signature !== undefined) return plainType(signature);
  return text === undefined ? UNKNOWN : 'text/plain';
}

/** Whether the content shows that the declared type is another one. No claim, or one that nobody can check, is not false. */
export function isFalseType(declared: string, found: string, recognised: (type: string) => boolean): boolean {
  const claim = plainType(declared);
  if (claim === '' || claim === UNKNOWN || claim === found) return false;
  if (CONTAINERS.some((container) => container.test(claim) && container.test(found))) return false;
  const claimsText = TEXTUAL.test(claim);
  if (TEXTUAL.test(found)) return !claimsText && claim !== UNKNOWN && (recognised(claim) || isMedia(claim));
  if (claimsText) return true; // it has bytes that no text has, or another signature
  return found !== UNKNOWN || recognised(claim);
}

/** What may stand in front of the root of a document (XML 1.0, 2.8). By hand: a pattern for it would be slow on hostile text. */
const PROLOG: readonly (readonly [begin: string, end: string])[] = [
  ['<?xml', '>'],
  ['<!--', '-->'],
  ['<!doctype svg', '>'],
];

function afterProlog(text: string): string {
  let at = 0;
  for (;;) {
    while (/\s/.test(text.charAt(at))) at += 1;
    const part = PROLOG.find(([begin]) => text.slice(at, at + begin.length).toLowerCase() === begin);
    if (part === undefined) return text.slice(at);
    const end = text.indexOf(part[1], at + part[0].length);
    if (end < 0) return '';
    at = end + part[1].length;
  }
}

/** Lower case, without parameters, and by one name. */
export function plainType(type: string): string {
  const plain = (type.split(';', 1)[0] ?? '').trim().toLowerCase();
  return ALIASES[plain] ?? plain;
}

function isMedia(type: string): boolean {
  return /^(image|audio|video|font)\//.test(type);
}

/**
 * Undefined where it is no text: UTF-8, UTF-16 with its mark, or a code page of one byte a character. What the end of the sample
 * cuts through is not held against it.
 */
function textOf(sample: Uint8Array): string | undefined {
  const utf16 = sample.length >= 2 && ((sample[0] === 0xff && sample[1] === 0xfe) || (sample[0] === 0xfe && sample[1] === 0xff));
  const encodings = utf16 ? [sample[0] === 0xff ? 'utf-16le' : 'utf-16be'] : ['utf-8', 'latin1'];
  for (const encoding of encodings) {
    const text = decoded(sample, encoding);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what no text has
    if (text !== undefined) return /[\u0000-\u0008\u000e-\u001a]/.test(text) ? undefined : text;
  }
  return undefined;
}

function decoded(sample: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(sample, { stream: sample.length >= SAMPLE_BYTES });
  } catch {
    return undefined;
  }
}
