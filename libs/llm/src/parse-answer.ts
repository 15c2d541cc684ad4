const REASONING = /<think(?:ing)?>[\s\S]*?<\/think(?:ing)?>/gi;
const FENCED = /```(?:json)?\s*\n([\s\S]*?)\n?```/i;

/**
 * The JSON object in a model's answer: the whole answer, a fenced block, or what stands between the first brace and
 * the last. Reasoning before it is dropped.
 * @throws SyntaxError when there is none
 */
export function parseAnswer(text: string): unknown {
  const answer = text.replace(REASONING, '').trim();
  const candidates = [answer, FENCED.exec(answer)?.[1], outermostBraces(answer)];
  for (const candidate of candidates) {
    if (candidate === undefined) continue;
    try {
      return JSON.parse(candidate);
    } catch {
      continue; // the next candidate may be the object
    }
  }
  throw new SyntaxError('it holds no JSON object');
}

function outermostBraces(text: string): string | undefined {
  const start = text.indexOf('{');
  const end = text.lastIndexOf('}');
  return start >= 0 && end > start ? text.slice(start, end + 1) : undefined;
}
