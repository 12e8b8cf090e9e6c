// Which identity provider the `saml` of an IdentityProvider means: from its fields, or from the metadata that was pasted
// (SAML metadata 2.0, 2.4). The controller judges by it, the gateway believes it.
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { StreamSpaceError } from '../../schemas/errors.ts';
import { SAML_URL, type SamlProviderSpec } from '../../schemas/kinds/sign-in/saml-provider.ts';
import { HTTP_REDIRECT, METADATA, SIGNATURE } from './names.ts';
import { childrenOf, everyElement, onlyChild, parseStrictXml, textOf, type XmlElement, XmlRefused } from './strict-xml.ts';

export interface SamlIdentityProvider {
  readonly entityId: string;
  readonly ssoUrl: string;
  readonly sloUrl: string | undefined;
  readonly certificates: readonly SigningCertificate[];
}

export interface SigningCertificate {
  readonly pem: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const MIN_RSA_BITS = 2048;
const MAX_CERTIFICATES = 8;
const METADATA_LIMITS = { maxLength: 262_144, maxDepth: 32, maxElements: 10_000 };
const MAX_URL = 1024;

/** @throws StreamSpaceError `ProviderMetadataInvalid`, `ProviderCertificateInvalid` */
export function samlIdentityProviderOf(spec: SamlProviderSpec): SamlIdentityProvider {
  if (spec.metadata !== undefined) return ofMetadata(spec.metadata);
  const { entityId, ssoUrl, sloUrl, certificates = [] } = spec;
  if (entityId === undefined || ssoUrl === undefined) throw metadataInvalid('neither metadata nor entityId and ssoUrl are there');
  const read = certificates.map((pem, index) => readCertificate(pem, `certificate ${index + 1}`));
  return { entityId, ssoUrl, sloUrl, certificates: read };
}

/** Those whose signatures count at this time. */
export function validCertificates({ certificates }: SamlIdentityProvider, now: Date): readonly SigningCertificate[] {
  return certificates.filter(({ notBefore, notAfter }) => notBefore <= now && now <= notAfter);
}

/** When the last one ends. */
export function certificatesEnd({ certificates }: SamlIdentityProvider): Date {
  return new Date(Math.max(...certificates.map(({ notAfter }) => notAfter.getTime())));
}

export interface RequestSigner {
  /** PEM. */
  readonly key: string;
  readonly certificate: string;
}

/** @param pem a private key and its certificate after it @throws StreamSpaceError `ProviderCertificateInvalid` */
export function readRequestSigner(pem: string): RequestSigner {
  const [keyPem] = /-----BEGIN (RSA )?PRIVATE KEY-----[^-]+-----END (RSA )?PRIVATE KEY-----/.exec(pem) ?? [];
  const [certificatePem] = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(pem) ?? [];
  if (keyPem === undefined || certificatePem === undefined)
    throw certificateInvalid('the Secret of the signing key has to hold a private key and its certificate, both in PEM');
  const { pem: certificate } = readCertificate(certificatePem, 'the certificate of the signing key');
  try {
    const key = createPrivateKey(keyPem);
    if (new X509Certificate(certificate).checkPrivateKey(key))
      return { key: key.export({ type: 'pkcs8', format: 'pem' }).toString().trim(), certificate };
  } catch (error) {
    throw certificateInvalid('the signing key cannot be read', error);
  }
  throw certificateInvalid('the signing key is not that of the certificate beside it');
}

function ofMetadata(xml: string): SamlIdentityProvider {
  let root: XmlElement;
  try {
    root = parseStrictXml(withoutComments(xml), METADATA_LIMITS);
  } catch (error) {
    if (error instanceof XmlRefused) throw metadataInvalid(error.message, error);
    throw error;
  }
  const entityId = root.attributes.get('entityID');
  const descriptor = onlyChild(root, METADATA, 'IDPSSODescriptor');
  if (root.namespace !== METADATA || root.name !== 'EntityDescriptor' || entityId === undefined || entityId === '')
    throw metadataInvalid('it is not one EntityDescriptor with an entityID');
  if (descriptor === undefined) throw metadataInvalid('it does not have exactly one IDPSSODescriptor');
  const ssoUrl = redirectAddress(descriptor, 'SingleSignOnService');
  if (ssoUrl === undefined)
    throw metadataInvalid('it names no SingleSignOnService with the binding HTTP-Redirect at an https URL');
  const keys = childrenOf(descriptor, METADATA, 'KeyDescriptor').filter(
    ({ attributes }) => attributes.get('use') !== 'encryption',
  );
  const found = keys.flatMap((key) =>
    [...everyElement(key)].filter(({ namespace, name }) => namespace === SIGNATURE && name === 'X509Certificate'),
  );
  if (found.length === 0 || found.length > MAX_CERTIFICATES)
    throw metadataInvalid(`it has ${found.length} signing certificates; 1 to ${MAX_CERTIFICATES} are allowed`);
  const certificates = found.map((element, index) => readCertificate(pemOf(textOf(element)), `certificate ${index + 1}`));
  return { entityId, ssoUrl, sloUrl: redirectAddress(descriptor, 'SingleLogoutService'), certificates };
}

/** An admin pasted it: a comment in it hides nothing from him. */
const withoutComments = (xml: string): string => xml.replace(/^\uFEFF/, '').replace(/<!--[\s\S]*?-->/g, '');

function redirectAddress(descriptor: XmlElement, service: string): string | undefined {
  const place = childrenOf(descriptor, METADATA, service).find(({ attributes }) => attributes.get('Binding') === HTTP_REDIRECT);
  const address = place?.attributes.get('Location');
  return address !== undefined && address.length <= MAX_URL && SAML_URL.test(address) ? address : undefined;
}

function pemOf(base64: string): string {
  const lines = base64.replaceAll(/\s+/g, '').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----'].join('\n');
}

function readCertificate(pem: string, which: string): SigningCertificate {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch (error) {
    throw certificateInvalid(`${which} cannot be read`, error);
  }
  requireRsa(certificate.publicKey, which);
  const { validFromDate: notBefore, validToDate: notAfter } = certificate;
  return { pem: certificate.toString().trim(), notBefore, notAfter };
}

function requireRsa({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject, which: string): void {
  const bits = asymmetricKeyDetails?.modulusLength ?? 0;
  if (asymmetricKeyType === 'rsa' && bits >= MIN_RSA_BITS) return;
  throw certificateInvalid(`${which} has a key that is not RSA of ${MIN_RSA_BITS} bits or more`);
}

const metadataInvalid = (message: string, cause?: unknown): StreamSpaceError =>
  new StreamSpaceError('ProviderMetadataInvalid', `saml.metadata: ${message}`, { cause });

const certificateInvalid = (message: string, cause?: unknown): StreamSpaceError =>
  new StreamSpaceError('ProviderCertificateInvalid', message, { cause });
