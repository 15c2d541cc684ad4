import { APIError } from 'openai';

/** How the server is told the shape of the answer, the strictest first. */
const FORMATS = ['json_schema', 'json_object', 'text'] as const;
export type Format = (typeof FORMATS)[number];

/** What the longest answer is told as; OpenAI's newer models refuse the older name, other servers know only that. */
export type LengthField = 'max_completion_tokens' | 'max_tokens';

const REFUSES_FORMAT = /response_format|json_schema|json_object|json mode|schema|structured output|guided/i;
const REFUSES_TEMPERATURE = /temperature/i;
const REFUSES_LENGTH = /max_(?:completion_)?tokens/i;

/** What one request asked for that a server may refuse. */
export interface RequestShape {
  readonly format: Format;
  readonly sendsTemperature: boolean;
  readonly lengthField: LengthField;
}

/** What a model's server was found to take: a thing it refuses is left out from its first refusal on. */
export class ServerLimits {
  private shape: RequestShape;
  private triedBothLengths = false;

  constructor(lengthField: LengthField) {
    this.shape = { format: 'json_schema', sendsTemperature: true, lengthField };
  }

  get current(): RequestShape {
    return this.shape;
  }

  /** Whether the server refused something that can be done without; it is, from now on. */
  learnFrom(error: unknown, sent: RequestShape): boolean {
    if (!(error instanceof APIError) || (error.status !== 400 && error.status !== 422)) return false;
    const said = `${error.message} ${error.param ?? ''}`;
    if (sent.sendsTemperature && REFUSES_TEMPERATURE.test(said)) {
      this.shape = { ...this.shape, sendsTemperature: false };
      return true;
    }
    if (REFUSES_LENGTH.test(said)) return this.otherLength(sent.lengthField);
    const next = FORMATS[FORMATS.indexOf(sent.format) + 1];
    if (next === undefined || !REFUSES_FORMAT.test(said)) return false;
    // Another call may have learnt it meanwhile; never back to a stricter one.
    if (FORMATS.indexOf(next) > FORMATS.indexOf(this.shape.format)) {
      this.shape = { ...this.shape, format: next };
    }
    return true;
  }

  /** Once to the other name, never back: a server that refuses both refuses the number. */
  private otherLength(sent: LengthField): boolean {
    if (this.shape.lengthField !== sent) return true;
    if (this.triedBothLengths) return false;
    this.triedBothLengths = true;
    const lengthField = sent === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
    this.shape = { ...this.shape, lengthField };
    return true;
  }
}
