// Codes of: render and validate.
import type { ErrorEntry } from './entry.ts';

export const RENDER_ERRORS = {
  RenderEmpty: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Add a manifest, or set spec.allowEmpty if no object is what you want.',
  },
  RenderFailed: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Run `streamspace render` on the folder; it shows the same error.',
  },
  RenderDenied: {
    category: 'forbidden',
    retry: 'never',
    remedy: 'A configuration is rendered without network, files, environment or processes. Take the access out.',
  },
  RenderTimeout: { category: 'limit', retry: 'never', remedy: 'Look for a loop that does not end; rendering has a time limit.' },
  RenderMemory: { category: 'limit', retry: 'never', remedy: 'Make fewer or smaller objects; rendering has a memory limit.' },
  RenderOutputTooLarge: {
    category: 'limit',
    retry: 'never',
    remedy: 'Print less: only the manifests themselves; split a very large set.',
  },
  EntrypointNotFound: { category: 'notFound', retry: 'never', remedy: 'Add the entry file, or correct spec.entrypoint.' },
  YamlInvalid: { category: 'invalid', retry: 'never', remedy: 'Correct the file at the named line.' },
  FileEncodingInvalid: { category: 'invalid', retry: 'never', remedy: 'Save the file as UTF-8 without NUL bytes.' },
  FileTooLarge: { category: 'limit', retry: 'never', remedy: 'Split the file.' },
  ManifestInvalid: { category: 'invalid', retry: 'never', remedy: 'Correct the named field.' },
  ManifestDuplicate: { category: 'conflict', retry: 'never', remedy: 'Keep one of the two places.' },
  ManifestForbidden: { category: 'forbidden', retry: 'never', remedy: 'Move the object to a GitSync that may manage it.' },
  ManifestOrderInvalid: {
    category: 'invalid',
    retry: 'never',
    remedy: 'Correct streamspace.io/wave or streamspace.io/depends-on of the named object.',
  },
  TenancyRefused: {
    category: 'forbidden',
    retry: 'never',
    remedy: 'Take the object out, or have the named rule widened by whoever owns it.',
  },
  KindUnknown: {
    category: 'notFound',
    retry: 'backoff',
    remedy: 'Install its CustomResourceDefinition, or add it to the same commit.',
  },
} as const satisfies Record<string, ErrorEntry>;
