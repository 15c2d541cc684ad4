import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export type ResponseFormat = 'json_schema' | 'json_object' | 'text';

/** A chat completion request as it arrived. */
export interface ChatRequest {
  readonly model: string;
  readonly system: string;
  readonly user: string;
  readonly format: ResponseFormat;
  readonly temperature: number | undefined;
  /** The name of the answer's schema, from the response format or, without one, from the prompt. */
  readonly schemaName: string;
  /** Everything that was said in the conversation, in order. */
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly authorization: string | undefined;
  readonly body: Record<string, unknown>;
}

/** What the server does in place of its answer. */
export type ChatFailure =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly error?: Readonly<Record<string, unknown>>;
    }
  /** Accepts the request and never answers. */
  | { readonly kind: 'silence' }
  /** Answers, but only so late. */
  | { readonly kind: 'slow'; readonly afterMs: number }
  /** Sends half an answer and cuts the connection. */
  | { readonly kind: 'cut' }
  /** 200 with a body that is no JSON, or JSON that is no completion. */
  | { readonly kind: 'garbage'; readonly body?: string }
  | { readonly kind: 'refusal'; readonly text: string }
  | { readonly kind: 'finish'; readonly reason: 'length' | 'content_filter' }
  /** A completion whose message is this text. */
  | { readonly kind: 'text'; readonly text: string };

/** An embeddings request as it arrived. */
export interface EmbeddingRequest {
  readonly model: string;
  readonly input: readonly string[];
  readonly dimensions: number | undefined;
}

/**
 * A server that speaks OpenAI's chat completions (streamed too), embeddings and list of models over real HTTP. `answer` makes the answers; `fail` replaces the next
 * ones; `formats` is what it takes as `response_format`, like servers that have no structured outputs.
 */
export class OpenAiServer {
  readonly requests: ChatRequest[] = [];
  readonly embeddingRequests: EmbeddingRequest[] = [];
  /** Requests whose connection the client closed before it had an answer. */
  abandoned = 0;
  /** Every route is silent, as behind a gateway whose machine is gone. */
  isHung = false;
  /** What `GET /models` lists; null: there is no such route. */
  models: readonly string[] | null = ['stand-in:8b'];
  /** The vector of a text. */
  embed: (text: string, dimensions: number) => readonly number[] = lettersOf;
  /** Dimensions of a model that has one size; null: as many as it is asked for. */
  fixedDimensions: number | null = null;
  answer: (request: ChatRequest) => unknown = () => ({});
  formats: readonly ResponseFormat[] = ['json_schema', 'json_object', 'text'];
  takesTemperature = true;
  requiredKey: string | null = null;
  /** Null: the server doesn't count. */
  usage: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly prompt_tokens_details?: { readonly cached_tokens: number };
  } | null = {
    prompt_tokens: 1_000,
    completion_tokens: 200,
  };
  private readonly failures: ChatFailure[] = [];
  private readonly waiting = new Set<() => void>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<OpenAiServer> {
    const server = createServer();
    const standIn = new OpenAiServer(server);
    server.on('request', (request, response) => {
      standIn.serve(request, response).catch((error: unknown) => {
        sendError(response, 500, { message: String(error) });
      });
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return standIn;
  }

  /** What `LLM_BASE_URL` is set to. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  /** The next `times` requests get the failure for an answer. */
  fail(failure: ChatFailure, times = 1): void {
    for (let i = 0; i < times; i += 1) this.failures.push(failure);
  }

  /** Failures that were ordered and not yet given are forgotten. */
  recover(): void {
    this.failures.length = 0;
  }

  /** Resolves when the server has had this many requests. */
  async reached(count: number): Promise<void> {
    while (this.requests.length < count) {
      await new Promise<void>((resolve) => {
        this.waiting.add(resolve);
      });
    }
  }

  /** Resolves when clients have closed this many unanswered requests. */
  async left(count: number): Promise<void> {
    while (this.abandoned < count) {
      await new Promise<void>((resolve) => {
        this.waiting.add(resolve);
      });
    }
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.server.close(() => resolve());
    });
    this.server.closeAllConnections();
    await closed;
  }

  private async serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('close', () => {
      if (!response.writableFinished) this.abandoned += 1;
      this.wake();
    });
    if (this.isHung) return;
    switch (`${incoming.method} ${incoming.url}`) {
      case 'POST /v1/chat/completions':
        return this.serveChat(await readRequest(incoming), response);
      case 'POST /v1/embeddings':
        return this.serveEmbeddings(await readBody(incoming), response);
      case 'GET /v1/models':
        if (this.models !== null) return this.serveModels(incoming, response);
    }
    sendError(response, 404, { message: `No such route: ${incoming.method} ${incoming.url}` });
  }

  private wake(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }

  private serveModels(incoming: IncomingMessage, response: ServerResponse): void {
    if (this.requiredKey !== null && incoming.headers.authorization !== `Bearer ${this.requiredKey}`) {
      return sendError(response, 401, { message: 'Incorrect API key provided', code: 'invalid_api_key' });
    }
    const data = this.models!.map((id) => ({ id, object: 'model', created: 0, owned_by: 'stand-in' }));
    sendJson(response, { object: 'list', data });
  }

  private serveEmbeddings(body: Record<string, unknown>, response: ServerResponse): void {
    const request = body as unknown as EmbeddingRequest;
    this.embeddingRequests.push(request);
    const failure = this.failures.shift();
    if (failure?.kind === 'status') {
      return sendError(response, failure.status, { message: 'Injected' }, failure.headers);
    }
    if (this.fixedDimensions !== null && request.dimensions !== undefined) {
      return sendError(response, 400, { message: 'This model does not support the dimensions parameter.' });
    }
    const size = this.fixedDimensions ?? request.dimensions ?? 768;
    const data = request.input.map((text, index) => ({
      object: 'embedding',
      index,
      embedding: this.embed(text, size),
    }));
    const prompt_tokens = request.input.join('').length;
    // The order of the answer is nobody's promise.
    sendJson(response, { object: 'list', data: data.toReversed(), usage: { prompt_tokens } });
  }

  private async serveChat(request: ChatRequest, response: ServerResponse): Promise<void> {
    this.requests.push(request);
    this.wake();
    if (this.requiredKey !== null && request.authorization !== `Bearer ${this.requiredKey}`) {
      return sendError(response, 401, { message: 'Incorrect API key provided', code: 'invalid_api_key' });
    }
    const failure = this.failures.shift();
    if (failure?.kind === 'slow') await sleep(failure.afterMs);
    else if (failure) return this.answerWithFailure(request, response, failure);
    if (!this.takesTemperature && request.temperature !== undefined) {
      const message = "Unsupported value: 'temperature' does not support 0 with this model.";
      return sendError(response, 400, { message, param: 'temperature', code: 'unsupported_value' });
    }
    if (!this.formats.includes(request.format)) {
      const message = `response_format '${request.format}' is not supported by this model`;
      return sendError(response, 400, { message, param: 'response_format' });
    }
    return this.complete(request, response, { content: JSON.stringify(this.answer(request)) });
  }

  private answerWithFailure(request: ChatRequest, response: ServerResponse, failure: ChatFailure): void {
    switch (failure.kind) {
      case 'status': {
        const error = { message: `Injected ${failure.status}`, ...failure.error };
        return sendError(response, failure.status, error, failure.headers);
      }
      case 'silence':
      case 'slow':
        return;
      case 'cut':
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' });
        response.write('{"id": "chatcmpl-1", "choices": [{', () => response.destroy());
        return;
      case 'garbage':
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(failure.body ?? '<html>502 Bad Gateway</html>');
        return;
      case 'refusal':
        return this.complete(request, response, { content: null, refusal: failure.text });
      case 'finish': {
        const content = JSON.stringify(this.answer(request)).slice(0, 20);
        return this.complete(request, response, { content }, failure.reason);
      }
      case 'text':
        return this.complete(request, response, { content: failure.text });
    }
  }

  private complete(
    request: ChatRequest,
    response: ServerResponse,
    message: { readonly content: string | null; readonly refusal?: string },
    finishReason = 'stop',
  ): void {
    const completion = {
      id: `chatcmpl-${this.requests.length}`,
      object: 'chat.completion',
      created: 1_795_000_000,
      model: request.model,
      choices: [
        {
          index: 0,
          message: { role: 'assistant', refusal: null, ...message },
          finish_reason: finishReason,
          logprobs: null,
        },
      ],
      ...(this.usage === null
        ? {}
        : {
            usage: { ...this.usage, total_tokens: this.usage.prompt_tokens + this.usage.completion_tokens },
          }),
    };
    if (request.body['stream'] === true) return streamCompletion(response, completion);
    sendJson(response, completion);
  }
}

interface Completion {
  readonly id: string;
  readonly model: string;
  readonly choices: readonly {
    readonly message: { readonly content: string | null };
    readonly finish_reason: string;
  }[];
}

/** The completion as server-sent events: a word a chunk, then why it ended, then the end mark. */
function streamCompletion(response: ServerResponse, completion: Completion): void {
  const { id, model, choices } = completion;
  const [{ message, finish_reason }] = choices as [Completion['choices'][number]];
  const send = (delta: object, reason: string | null) => {
    const chunk = { index: 0, delta, finish_reason: reason };
    response.write(
      `data: ${JSON.stringify({ id, object: 'chat.completion.chunk', created: 1_795_000_000, model, choices: [chunk] })}\n\n`,
    );
  };
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const word of (message.content ?? '').match(/\S+\s*/g) ?? []) send({ content: word }, null);
  send({}, finish_reason);
  response.end('data: [DONE]\n\n');
}

/** A text's letters counted into slots: texts that share letters are near. */
function lettersOf(text: string, dimensions: number): number[] {
  const vector = Array.from({ length: dimensions }, () => 0);
  vector[0] = 1;
  for (const char of text) {
    const slot = char.codePointAt(0)! % dimensions;
    vector[slot] = vector[slot]! + 1;
  }
  return vector;
}

async function readBody(incoming: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Uint8Array);
  return JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
}

async function readRequest(incoming: IncomingMessage): Promise<ChatRequest> {
  const body = await readBody(incoming);
  const messages = body['messages'] as { role: string; content: string }[];
  const format = body['response_format'] as
    { type: ResponseFormat; json_schema?: { name: string } } | undefined;
  const contentOf = (role: string) => messages.find((message) => message.role === role)?.content ?? '';
  const system = contentOf('system');
  return {
    model: body['model'] as string,
    system,
    user: contentOf('user'),
    format: format?.type ?? 'text',
    temperature: body['temperature'] as number | undefined,
    schemaName: format?.json_schema?.name ?? /JSON object, “(\w+)”/.exec(system)?.[1] ?? '',
    messages,
    authorization: incoming.headers.authorization,
    body,
  };
}

function sendJson(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function sendError(
  response: ServerResponse,
  status: number,
  error: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = { error: { type: 'error', param: null, code: null, ...error } };
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}
