// The worker thread that judges clipboards: a pattern that takes long holds up nobody's stream, and ends with its thread.
import { judgeContent } from '../../dlp/content/judge.ts';
import { type ReadyRule, readyRules } from '../../dlp/content/rules.ts';
import { answerOf, clipOf, type JudgeAnswer, type JudgeTask } from './task.ts';

/** Made ready once for all clipboards under the same rules; a thread of its own keeps what it was asked last. */
const ready = new Map<string, readonly ReadyRule[]>();
const MAX_READY = 8;

export default function judge({ rules, direction, parts, before }: JudgeTask): JudgeAnswer {
  return answerOf(judgeContent(readyOf(rules), direction, clipOf(parts), before));
}

function readyOf(rules: JudgeTask['rules']): readonly ReadyRule[] {
  const key = JSON.stringify(rules);
  const known = ready.get(key) ?? readyRules(rules);
  ready.delete(key);
  ready.set(key, known);
  const [oldest] = ready.keys();
  if (ready.size > MAX_READY && oldest !== undefined) ready.delete(oldest);
  return known;
}
