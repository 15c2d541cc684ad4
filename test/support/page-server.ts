import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Page = (request: IncomingMessage, response: ServerResponse) => void;

/** Serves pages on loopback, and remembers what it was asked for. */
export class PageServer {
  readonly asked: string[] = [];
  private readonly pages = new Map<string, Page>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<PageServer> {
    const server = createServer();
    const pages = new PageServer(server);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      pages.asked.push(request.url!);
      const page = pages.pages.get(request.url!);
      if (page) page(request, response);
      else response.writeHead(404).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return pages;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  serve(path: string, page: Page): string {
    this.pages.set(path, page);
    return this.url + path;
  }

  text(path: string, body: string | Uint8Array, contentType = 'text/markdown', headers = {}): string {
    return this.serve(path, (_, response) =>
      response.writeHead(200, { 'content-type': contentType, ...headers }).end(body),
    );
  }

  redirect(path: string, location: string): string {
    return this.serve(path, (_, response) => response.writeHead(302, { location }).end());
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
