import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

const ANSWER_LIMIT_MS = 2_000;
/** First byte of a TLS alert: what a TLS server says to plain text. */
const TLS_ALERT = 0x15;

export interface Place {
  readonly host: string;
  readonly port: number;
}

/**
 * What a server speaks when it is asked PING without TLS: `tls` when it only speaks that, `silent` when it accepts
 * and says nothing, `other` (with its first words) when it is no Redis.
 * @throws what connecting throws
 */
export async function speaks(
  place: Place,
): Promise<
  { readonly kind: 'redis' | 'tls' | 'silent' } | { readonly kind: 'other'; readonly words: string }
> {
  const answer = await firstAnswer(connectTcp(place));
  // RESP answers begin with +, -, and so on; to a PING there are but two.
  if (/^(\+PONG|-[A-Z]+ )/.test(answer.toString('latin1'))) return { kind: 'redis' };
  if (answer[0] === TLS_ALERT || (answer.length === 0 && (await speaksTls(place)))) return { kind: 'tls' };
  if (answer.length === 0) return { kind: 'silent' };
  const words = answer
    .toString('latin1')
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, 60);
  return { kind: 'other', words };
}

/** Whether a TLS handshake succeeds, whoever's certificate it is. */
async function speaksTls({ host, port }: Place): Promise<boolean> {
  // Only looks whether TLS is spoken: nothing is sent, and nothing that arrives is believed.
  const socket = connectTls({ host, port, rejectUnauthorized: false });
  return new Promise((resolve) => {
    const end = (result: boolean): void => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(ANSWER_LIMIT_MS, () => end(false));
    socket.once('secureConnect', () => end(true));
    socket.once('error', () => end(false));
  });
}

/** The first bytes after PING; none when the peer closes or stays silent. */
function firstAnswer(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let connected = false;
    const end = (bytes: Buffer): void => {
      socket.destroy();
      resolve(bytes);
    };
    socket.setTimeout(ANSWER_LIMIT_MS, () => {
      if (connected) end(Buffer.alloc(0));
      else {
        socket.destroy();
        reject(new Error(`no answer within ${ANSWER_LIMIT_MS / 1_000} s`));
      }
    });
    socket.once('connect', () => {
      connected = true;
      socket.write('PING\r\n');
    });
    socket.once('data', end);
    socket.once('close', () => end(Buffer.alloc(0)));
    socket.once('error', (error) => {
      // A reset after the question is an answer of a kind.
      if (connected) end(Buffer.alloc(0));
      else reject(error);
    });
  });
}
