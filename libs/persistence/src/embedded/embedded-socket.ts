import { Socket } from 'node:net';

/** A socket that asks where to connect when it is told to connect, since the server may have moved to another process. */
export class EmbeddedSocket extends Socket {
  /** @param reach gives the path of a server's socket; its signal says that nobody waits for it any more */
  constructor(private readonly reach: (signal: AbortSignal) => Promise<string>) {
    super();
    // The server has ended: at once, without a last word to it that takes a turn of the event loop more.
    this.once('end', () => this.destroy());
  }

  /** Whatever address it is given, which was the right one when a pool was made, is not looked at. */
  override connect(): this {
    const gone = new AbortController();
    this.once('close', () => gone.abort());
    this.reach(gone.signal).then(
      (path) => {
        if (!this.destroyed) super.connect(path);
      },
      (error: Error) => this.destroy(error),
    );
    return this;
  }
}
