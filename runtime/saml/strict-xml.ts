// XML as SAML messages and metadata are: elements, attributes and text. Whatever else XML knows is refused before it can mean anything:
// document types and with them entities (bombs, files), processing instructions, comments (CVE-2017-11427) and CDATA.
import { SaxesParser } from 'saxes';

export interface XmlElement {
  /** Without its prefix. */
  readonly name: string;
  readonly namespace: string;
  /** Those without a prefix, by name. */
  readonly attributes: ReadonlyMap<string, string>;
  /** What a signature may call it by: its attributes `ID`, `Id` and `id`, with whatever prefix. */
  readonly ids: readonly string[];
  readonly children: readonly XmlElement[];
  /** Between its tags, without that of its children. */
  readonly text: string;
  readonly parent: XmlElement | undefined;
}

export interface XmlLimits {
  /** Characters. */
  readonly maxLength: number;
  readonly maxDepth: number;
  readonly maxElements: number;
}

/** A message with 1,000 groups is below half of each. */
export const MESSAGE_LIMITS: XmlLimits = { maxLength: 262_144, maxDepth: 32, maxElements: 10_000 };

/** The words name the rule and no value. */
export class XmlRefused extends Error {
  override readonly name = 'XmlRefused';
}

interface Growing {
  readonly name: string;
  readonly namespace: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly ids: readonly string[];
  readonly children: Growing[];
  text: string;
  readonly parent: Growing | undefined;
}

/** @returns the root @throws XmlRefused */
export function parseStrictXml(text: string, limits: XmlLimits = MESSAGE_LIMITS): XmlElement {
  if (text.length > limits.maxLength) throw new XmlRefused(`the XML is longer than ${limits.maxLength} characters`);
  let root: Growing | undefined;
  let open: Growing | undefined;
  let depth = 0;
  let elements = 0;
  const refuse = (what: string) => (): never => {
    throw new XmlRefused(`the XML has ${what}`);
  };
  const parser = new SaxesParser({ xmlns: true });
  parser.on('doctype', refuse('a document type'));
  parser.on('comment', refuse('a comment'));
  parser.on('cdata', refuse('a CDATA section'));
  parser.on('processinginstruction', refuse('a processing instruction'));
  parser.on('error', (error) => {
    throw new XmlRefused('the XML is not well-formed', { cause: error });
  });
  parser.on('xmldecl', ({ encoding, version }) => {
    if (version !== '1.0') throw new XmlRefused('the XML is not of version 1.0');
    if (encoding !== undefined && !/^utf-8$/i.test(encoding)) throw new XmlRefused('the XML is not in UTF-8');
  });
  parser.on('opentag', ({ local, uri, attributes }) => {
    depth += 1;
    elements += 1;
    if (depth > limits.maxDepth) throw new XmlRefused(`the XML is nested more than ${limits.maxDepth} deep`);
    if (elements > limits.maxElements) throw new XmlRefused(`the XML has more than ${limits.maxElements} elements`);
    const all = Object.values(attributes);
    const own = all.filter(({ prefix }) => prefix === '');
    const element: Growing = {
      ...{ name: local, namespace: uri, children: [], text: '', parent: open },
      attributes: new Map(own.map((attribute) => [attribute.local, attribute.value])),
      ids: all.filter((attribute) => attribute.local.toLowerCase() === 'id').map(({ value }) => value),
    };
    if (open === undefined) root = element;
    else open.children.push(element);
    open = element;
  });
  parser.on('text', (more) => {
    if (open !== undefined) open.text += more;
  });
  parser.on('closetag', () => {
    depth -= 1;
    open = open?.parent;
  });
  parser.write(text).close();
  if (root === undefined) throw new XmlRefused('the XML is empty');
  return root;
}

/** It and everything below it, in the order of the text. */
export function* everyElement(element: XmlElement): Generator<XmlElement> {
  yield element;
  for (const child of element.children) yield* everyElement(child);
}

export function childrenOf(element: XmlElement, namespace: string, name: string): readonly XmlElement[] {
  return element.children.filter((child) => child.namespace === namespace && child.name === name);
}

/** `undefined` where there is none, or more than one. */
export function onlyChild(element: XmlElement, namespace: string, name: string): XmlElement | undefined {
  const [found, ...others] = childrenOf(element, namespace, name);
  return others.length === 0 ? found : undefined;
}

/** White space around it is the printer's. */
export function textOf(element: XmlElement | undefined): string {
  return element?.text.trim() ?? '';
}
