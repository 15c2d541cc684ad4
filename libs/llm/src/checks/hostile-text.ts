import type { FailureContext } from '@app/domain';
import { visibleText } from '../prompts/fence.js';

/** What a text does that speaks to whoever reads it, and not about a program. */
interface Sign {
  readonly name: string;
  readonly pattern: RegExp;
}

/**
 * Signs of a text that addresses a model. Logs of ordinary jobs have none of them (held by a measurement over the
 * development logs); a hit costs automation, never the diagnosis. Every expression is bounded.
 */
const SIGNS: readonly Sign[] = [
  {
    name: 'asks to set instructions aside',
    pattern:
      /\b(?:ignore|disregard|forget|override|bypass|do not follow|don't follow)\b.{0,40}\b(?:previous|prior|above|earlier|preceding|all|any|system|your|safety)\b.{0,30}\b(?:instructions?|prompts?|rules?|guidelines?|directions?|commands?|policies|policy)\b/i,
  },
  {
    name: 'asks to set instructions aside',
    pattern:
      /\bignorier\w{0,3} .{0,30}anweisung|\bignora\w{0,3} .{0,30}instruc|\bignorez .{0,30}instructions|忽略.{0,12}(?:指令|说明|提示)|игнорир[а-я]{1,8} .{0,30}инструкц/i,
  },
  {
    name: 'gives a role',
    pattern:
      /\b(?:you are now|from now on,? you|act as (?:an?|the)|pretend (?:to be|you are)|you must (?:now )?(?:answer|respond|reply|output|approve|classify|recommend))\b/i,
  },
  {
    name: 'asks for the instructions',
    pattern:
      /\b(?:reveal|print|repeat|show|output|leak|disclose|tell me|recite|translate|encode)\b.{0,40}\b(?:system|hidden|initial|secret|your)\b.{0,12}\b(?:prompt|instructions?)\b/i,
  },
  {
    name: 'speaks to a model',
    pattern:
      /\b(?:(?:dear|hey|hello|attention|note (?:to|for)(?: the)?|message (?:to|for)(?: the)?)[ ,:]{1,3}(?:ai|llm|assistant|(?:language )?model|chatbot|chatgpt|claude|gemini|copilot|devflowfix|agent))\b|\b(?:AI|LLM|devflowfix)(?: (?:assistant|agent|model|reviewer|system))?[,:]? (?:must|should|shall|please|is (?:instructed|required)|has to)\b/i,
  },
  {
    name: 'looks like a message of a conversation',
    pattern:
      /<\|?(?:im_start|im_end|system|assistant|endoftext|channel|message|start_header_id|eot_id)\|>|\[\/?INST\]|<<\/?SYS>>|^\W{0,6}(?:assistant|system prompt|system instruction|system override|developer message)\s{0,2}[:\]]/im,
  },
  {
    name: 'looks like an answer of ours',
    pattern:
      /["'\\](?:recommendation|fixability|primaryCause|evidenceId|determinism|estimatedMinutes|affectedComponents|configurationChanges|contributingFactors|errorChain|keyLines)["'\\]{1,3}\s{0,3}:/i,
  },
  {
    name: 'looks like a call of a tool',
    pattern:
      /<\/?(?:tool_call|tool_use|function_calls?|tool_response|antml)\b|["'](?:tool_calls?|function_call|tool_use)["']\s{0,3}:/i,
  },
  { name: 'guesses the end of the data', pattern: /(?<!<)<<<[0-9a-f]{6,64}\b|\b[0-9a-f]{6,64}>>>(?!>)/i },
  {
    name: 'asks for approval',
    pattern:
      /\b(?:approve|accept|auto-?approve|merge|green-?light|sign off)\b.{0,12}\b(?:this|the|any|every|all)\b.{0,20}\b(?:fix|fixes|remediation|diagnosis|incident)\b|\b(?:recommendation|recommend|verdict|answer|reply|respond)\b.{0,20}\b(?:proceed|"safe"|safe\s?[=:]\s?true)\b|\b(?:is|as) (?:pre-?approved|already approved|safe to (?:proceed|merge|run))\b/i,
  },
];

/** Characters that reorder what is shown, or write text nobody sees: no program prints them by itself. */
const HIDING = /[\u202a-\u202e\u2066-\u2069\u{e0020}-\u{e007f}]/u;
/** Letters of other scripts that look like Latin ones. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  а: 'a',
  е: 'e',
  і: 'i',
  о: 'o',
  р: 'p',
  с: 'c',
  у: 'y',
  х: 'x',
  ѕ: 's',
  ј: 'j',
  ԁ: 'd',
  ո: 'n',
  ο: 'o',
  ι: 'i',
  α: 'a',
  ν: 'v',
  ρ: 'p',
};
const LOOKALIKE = new RegExp(`[${Object.keys(LOOKALIKES).join('')}]`, 'gu');
/** The time stamp and step prefix of a log's line, which may stand within a sentence that goes over two lines. */
const LINE_PREFIX = /^\s*(?:\d{4}-\d{2}-\d{2}T\S{8,20}Z\s)?/gm;

/** What in a failure's untrusted text addresses the model; null when nothing does. */
export function hostileSign(context: FailureContext): string | null {
  const texts = [
    context.workflowName,
    context.jobName,
    context.failedStep,
    context.ruleVerdict.rootCause,
    context.excerpt,
    ...context.evidence.map(({ text }) => text),
    ...context.findings.flatMap(({ message, file, testName, expected, actual }) => [
      message,
      file,
      testName,
      expected,
      actual,
    ]),
    ...context.files.map(({ text }) => text),
    ...context.runbooks.map(({ text }) => text),
    ...context.similar.flatMap(({ rootCause, solution }) => [rootCause, solution]),
  ];
  for (const text of texts) {
    const sign = text === null || text === undefined || text === '' ? null : signIn(text);
    if (sign !== null) return sign;
  }
  return null;
}

/** What in the text addresses a model, however it is written: spread over lines, with hidden or foreign letters. */
export function signIn(text: string): string | null {
  if (HIDING.test(text)) return 'hides or reorders text';
  const plain = visibleText(text).normalize('NFKC').replace(LINE_PREFIX, '');
  // Lookalikes only where words mix scripts: what is written in Cyrillic or Greek stays readable to the signs.
  const latin = plain.replace(/\S{1,200}/gu, (word) =>
    /[a-z]/i.test(word) ? word.replace(LOOKALIKE, (letter) => LOOKALIKES[letter]!) : word,
  );
  const asOneLine = latin.replace(/\s+/g, ' ');
  return SIGNS.find(({ pattern }) => pattern.test(latin) || pattern.test(asOneLine))?.name ?? null;
}
