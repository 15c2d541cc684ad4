import type { ChatAnswer, ChatQuestion, Citation } from '@app/domain';

const MAX_QUOTES = 3;
const MIN_QUOTE_CHARS = 4;
const MAX_QUOTE_CHARS = 300;
const WORD = /[\p{L}\p{N}_]{3,}/gu;

/** Without a model nothing is made of the sources: the lines that share most words with the question, word for word. */
export function answerFromSources({ question, sources }: ChatQuestion): ChatAnswer {
  const asked = wordsOf(question);
  const lines = sources
    .flatMap(({ id, text }) => text.split('\n').map((line) => ({ evidenceId: id, quote: line.trim() })))
    .filter(({ quote }) => quote.length >= MIN_QUOTE_CHARS && quote.length <= MAX_QUOTE_CHARS)
    .map((citation) => ({ citation, shared: sharedWords(citation, asked) }))
    .filter(({ shared }) => shared > 0)
    .toSorted((a, b) => b.shared - a.shared)
    .slice(0, MAX_QUOTES);
  const citations = lines.map(({ citation }) => citation);
  const text =
    citations.length === 0
      ? 'No model answers, and no line of the sources speaks of this.'
      : `No model answers. What the sources say of it:\n${citations.map(({ quote }) => `- ${quote}`).join('\n')}`;
  return { text, citations, grounded: citations.length > 0 };
}

function sharedWords({ quote }: Citation, asked: ReadonlySet<string>): number {
  return [...wordsOf(quote)].filter((word) => asked.has(word)).length;
}

function wordsOf(text: string): Set<string> {
  return new Set(text.toLowerCase().match(WORD));
}
