// The worker thread that judges clipboards: a pattern that takes long holds up nobody's stream, and ends with its thread.
import { judgeContent } from '../../dlp/content/judge.ts';
import { readyRules } from '../../dlp/content/rules.ts';
import { answerOf, clipOf, type JudgeAnswer, type JudgeTask } from './task.ts';

export default function judge({ rules, direction, parts, before }: JudgeTask): JudgeAnswer {
  return answerOf(judgeContent(readyRules(rules), direction, clipOf(parts), before));
}
