import { expect, test } from 'vitest';
import { childrenOf, everyElement, onlyChild, parseStrictXml, textOf, XmlRefused } from './strict-xml.ts';

test('an element is known by its namespace and name, whatever its prefix', () => {
  const root = parseStrictXml('<a:r xmlns:a="urn:a" xmlns="urn:b"><x> one </x><a:x ID="i" a:Id="j">two</a:x></a:r>');
  expect([root.namespace, root.name]).toEqual(['urn:a', 'r']);
  expect(textOf(onlyChild(root, 'urn:b', 'x'))).toBe('one');
  const second = onlyChild(root, 'urn:a', 'x');
  expect([second?.attributes.get('ID'), second?.ids, second?.parent]).toEqual(['i', ['i', 'j'], root]);
  expect([...everyElement(root)].map(({ name }) => name)).toEqual(['r', 'x', 'x']);
});

test('of two there is no only one', () => {
  const root = parseStrictXml('<r><x/><x/></r>');
  expect([childrenOf(root, '', 'x').length, onlyChild(root, '', 'x')]).toEqual([2, undefined]);
});

test('text is that of the element itself: what stands in a child is not part of a name', () => {
  expect(textOf(parseStrictXml('<r>mi<x>admin</x>a &amp; co</r>'))).toBe('mia & co');
});

test.each([
  ['a document type', '<!DOCTYPE r><r/>', 'a document type'],
  ['a comment', '<r><!-- --></r>', 'a comment'],
  ['a comment before it', '<!-- --><r/>', 'a comment'],
  ['CDATA', '<r><![CDATA[x]]></r>', 'a CDATA section'],
  ['a processing instruction', '<r><?x y?></r>', 'a processing instruction'],
  ['an entity', '<r>&x;</r>', 'not well-formed'],
  ['two roots', '<r/><r/>', 'not well-formed'],
  ['an open end', '<r><x></r>', 'not well-formed'],
  ['an attribute twice', '<r a="1" a="2"/>', 'not well-formed'],
  ['an attribute twice by namespace', '<r xmlns:a="u" xmlns:b="u" a:x="1" b:x="2"/>', 'not well-formed'],
  ['a prefix of nothing', '<a:r/>', 'not well-formed'],
  ['another encoding', '<?xml version="1.0" encoding="UTF-16"?><r/>', 'not in UTF-8'],
  ['version 1.1', '<?xml version="1.1"?><r/>', 'not of version 1.0'],
  ['nothing', '', 'not well-formed'],
])('XML with %s is refused', (_what, xml, words) => {
  expect(() => parseStrictXml(xml)).toThrow(XmlRefused);
  expect(() => parseStrictXml(xml)).toThrow(words);
});

test('it is no longer, deeper or fuller than it may be', () => {
  const limits = { maxLength: 40, maxDepth: 3, maxElements: 4 };
  expect(() => parseStrictXml('<r><x><y/></x><x/></r>', limits)).not.toThrow();
  expect(() => parseStrictXml('<r><x><y><z/></y></x></r>', limits)).toThrow('nested more than 3 deep');
  expect(() => parseStrictXml('<r><x/><x/><x/><x/></r>', limits)).toThrow('more than 4 elements');
  expect(() => parseStrictXml(`<r>${' '.repeat(40)}</r>`, limits)).toThrow('longer than 40');
});
