import { once } from 'node:events';
import {
  connect,
  createServer,
  type AddressInfo,
  type NetConnectOpts,
  type Server,
  type Socket,
} from 'node:net';

/**
 * A stretch of network between the product and a real service, which a test can break: `cut` refuses and ends
 * connections, `hang` accepts them and passes nothing on, `vanish` forgets
 * those that stand, `mend` is a network that works again.
 */
export class TcpProxy {
  private server: Server | null = null;
  private ownPort = 0;
  private hanging = false;
  private readonly sockets = new Set<Socket>();
  private readonly vanished = new Set<Socket>();

  private constructor(private readonly target: NetConnectOpts) {}

  /** @param target a TCP address, or `{ path }` of a unix socket */
  static async to(target: NetConnectOpts): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    await proxy.mend();
    return proxy;
  }

  static before(redisUrl: string): Promise<TcpProxy> {
    const { hostname, port } = new URL(redisUrl);
    return TcpProxy.to({ host: hostname, port: Number(port) || 6379 });
  }

  get port(): number {
    return this.ownPort;
  }

  /** The target's URL with the proxy's address in it. */
  urlFor(targetUrl: string): string {
    const url = new URL(targetUrl);
    url.hostname = '127.0.0.1';
    url.port = `${this.ownPort}`;
    return url.href;
  }

  /** Ends every connection and refuses new ones. */
  async cut(): Promise<void> {
    const server = this.server;
    this.server = null;
    for (const socket of [...this.sockets, ...this.vanished]) socket.destroy();
    this.vanished.clear();
    if (!server) return;
    const closed = once(server, 'close');
    server.close();
    await closed;
  }

  /** Keeps connections and accepts new ones, but nothing comes through in either direction. */
  hang(): void {
    this.hanging = true;
    for (const socket of this.sockets) socket.pause();
  }

  /** What is connected never hears a word again, as when a machine goes off; new connections work. */
  vanish(): void {
    for (const socket of this.sockets) {
      socket.pause();
      socket.removeAllListeners('data');
      this.vanished.add(socket);
    }
    this.sockets.clear();
  }

  async mend(): Promise<void> {
    this.hanging = false;
    for (const socket of this.sockets) socket.resume();
    if (this.server) return;
    this.server = createServer((client) => this.join(client));
    this.server.listen(this.ownPort, '127.0.0.1');
    await once(this.server, 'listening');
    this.ownPort = (this.server.address() as AddressInfo).port;
  }

  private join(client: Socket): void {
    const upstream = connect(this.target);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.sockets.add(from);
      from.setNoDelay(true);
      from.on('data', (chunk) => to.write(chunk));
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
      if (this.hanging) from.pause();
    }
  }
}
