import { expect, test } from 'vitest';
import { diffLines } from './changes.ts';

const shown = (diff: string): readonly string[] => diffLines(diff).map(({ kind, text }) => `${kind}: ${text}`);

test('a file that goes has its name, and nothing of a file is taken for a head', () => {
  const diff = `diff --git a/old.yaml b/old.yaml
deleted file mode 100644
index 1..0
--- a/old.yaml
+++ /dev/null
@@ -1,3 +0,0 @@
-a: 1
--- not a head
-index: 2
diff --git a/new.yaml b/new.yaml
--- a/new.yaml
+++ b/new.yaml
@@ -1 +1,2 @@
 a: 1
+++ neither
`;
  expect(shown(diff)).toEqual([
    'file: old.yaml',
    'place: @@ -1,3 +0,0 @@',
    'removed: -a: 1',
    'removed: --- not a head',
    'removed: -index: 2',
    'file: new.yaml',
    'place: @@ -1 +1,2 @@',
    'same:  a: 1',
    'added: +++ neither',
  ]);
});
