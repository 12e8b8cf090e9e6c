// Where signatures may stand in a message, and with what they may be made. Whether they are right is the library's to say; this makes sure
// that what it judges is what we read: one signature for an element, as its child, over that element and no other (XSW 1 to 8).
import { SIGNATURE } from '../../../runtime/saml/names.ts';
import { childrenOf, everyElement, onlyChild, type XmlElement } from '../../../runtime/saml/strict-xml.ts';
import { samlRefusal } from './refusal.ts';

const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';
/** RSA with SHA-2. SHA-1 has collisions; of ECDSA and SHA-384 the library knows nothing. */
const SIGNATURE_METHODS = new Set([
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
  'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
]);
const DIGEST_METHODS = new Set(['http://www.w3.org/2001/04/xmlenc#sha256', 'http://www.w3.org/2001/04/xmlenc#sha512']);
/** Of a query (binding HTTP-Redirect). */
export const QUERY_SIGNATURE_METHODS: ReadonlySet<string> = new Set([
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha384',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
]);

/**
 * @param mayBeSigned the root, and the assertion in it
 * @returns those of them that have a signature
 * @throws StreamSpaceError `SamlResponseInvalid`
 */
export function signedElements(root: XmlElement, mayBeSigned: readonly XmlElement[]): ReadonlySet<XmlElement> {
  requireOneOfEachId(root);
  const signed = new Set<XmlElement>();
  for (const signature of everyElement(root)) {
    // By its name alone: one of another namespace has no business here either.
    if (signature.name !== 'Signature') continue;
    const owner = mayBeSigned.find((element) => element === signature.parent);
    if (owner === undefined || signed.has(owner) || signature.namespace !== SIGNATURE)
      throw samlRefusal('structure', 'a signature stands where none may');
    requireShape(signature, owner);
    signed.add(owner);
  }
  return signed;
}

function requireOneOfEachId(root: XmlElement): void {
  const seen = new Set<string>();
  for (const { ids } of everyElement(root))
    for (const id of ids) {
      if (seen.has(id)) throw samlRefusal('structure', 'two elements have the same id');
      seen.add(id);
    }
}

function requireShape(signature: XmlElement, owner: XmlElement): void {
  const info = onlyChild(signature, SIGNATURE, 'SignedInfo');
  const reference = info === undefined ? undefined : onlyChild(info, SIGNATURE, 'Reference');
  const id = owner.attributes.get('ID');
  if (info === undefined || reference === undefined || id === undefined || reference.attributes.get('URI') !== `#${id}`)
    throw samlRefusal('structure', 'a signature is not over the element that it stands in');
  if (childrenOf(signature, SIGNATURE, 'Object').length > 0)
    throw samlRefusal('structure', 'a signature brings content of its own');
  if (algorithmOf(info, 'CanonicalizationMethod') !== EXCLUSIVE)
    throw samlRefusal('algorithm', 'the canonicalization is not the exclusive one');
  if (!SIGNATURE_METHODS.has(algorithmOf(info, 'SignatureMethod')))
    throw samlRefusal('algorithm', 'the signature is not made with RSA and SHA-256 or SHA-512');
  if (!DIGEST_METHODS.has(algorithmOf(reference, 'DigestMethod')))
    throw samlRefusal('algorithm', 'the digest is not SHA-256 or SHA-512');
  const transforms = onlyChild(reference, SIGNATURE, 'Transforms');
  const algorithms = transforms?.children.map(({ attributes }) => attributes.get('Algorithm')).join(' ');
  if (algorithms !== `${ENVELOPED} ${EXCLUSIVE}`)
    throw samlRefusal('algorithm', 'the transformations of the signature are not the two that SAML knows');
}

function algorithmOf(parent: XmlElement, name: string): string {
  return onlyChild(parent, SIGNATURE, name)?.attributes.get('Algorithm') ?? '';
}
