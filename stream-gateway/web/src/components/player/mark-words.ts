// A mark of the time line in words. What a newer recorder marks is named as it is.
import type { RecordingMark } from '../../api/sessions/recordings-api.ts';
import { sizeText } from '../../model/recordings/recordings.ts';
import { text } from '../../text/text.ts';

const words = text.player;

export function kindWords(kind: string): string {
  return words.kinds[kind] ?? kind;
}

/** @param count of inputs in a stretch */
export function markWords({ kind, detail }: RecordingMark, count = 1): string {
  const { direction, bytes, person, fps } = {
    direction: detail['direction'],
    bytes: Number(detail['bytes'] ?? 0),
    person: String(detail['person'] ?? ''),
    fps: String(detail['fps'] ?? ''),
  };
  switch (kind) {
    case 'input':
      return count === 1 ? words.mark.input : words.mark.inputs(count);
    case 'clipboard':
      return direction === 'Up' ? words.mark.copiedUp(sizeOf(bytes)) : words.mark.copiedDown(sizeOf(bytes));
    case 'joined':
      return words.mark.joined(person);
    case 'left':
      return words.mark.left(person);
    case 'slowed':
      return words.mark.slowed(fps);
    case 'fullSpeed':
      return words.mark.fullSpeed;
    default:
      return [kindWords(kind), ...Object.values(detail).map(String)].join(' ');
  }
}

function sizeOf(bytes: number): string {
  return bytes < 1e3 ? words.mark.bytes(bytes) : sizeText(bytes);
}
