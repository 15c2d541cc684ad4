import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { analyzeLog } from '../analyze-log.js';
import { redactText } from './text-redactor.js';

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();
const DIGITS = '0123456789';
const BASE62 = LOWER + UPPER + DIGITS;
const HEX = `${DIGITS}abcdef`;
const BASE64 = `${BASE62}+/`;
const BASE64_URL = `${BASE62}-_`;

/** Random text: `min` to `max` characters out of an alphabet. */
function chars(alphabet: string, min: number, max = min): fc.Arbitrary<string> {
  return fc
    .array(fc.integer({ min: 0, max: alphabet.length - 1 }), { minLength: min, maxLength: max })
    .map((picks) => picks.map((pick) => alphabet[pick]).join(''));
}

/** A secret with the words around it that a log would show. */
interface Planted {
  readonly secret: string;
  readonly text: string;
}

/** A token that gives itself away wherever it stands. */
const bare = (prefix: string, rest: fc.Arbitrary<string>): fc.Arbitrary<Planted> =>
  rest.map((tail) => ({ secret: tail, text: `${prefix}${tail}` }));
/** A value known as secret by what stands beside it. */
const beside = (before: string, value: fc.Arbitrary<string>, after = ''): fc.Arbitrary<Planted> =>
  value.map((secret) => ({ secret, text: `${before}${secret}${after}` }));

/** A generated value of the kind that people put into CI secrets: mixed, never a word. */
const highEntropy = chars(BASE64_URL, 20, 64).filter(
  (value) => /\d.*\d/.test(value) && /[a-z]/.test(value) && /[A-Z]/.test(value) && !value.startsWith('-'),
);
const base64Value = chars(BASE64, 40, 44).filter((value) => /\d/.test(value));

const TOKENS: readonly (readonly [string, fc.Arbitrary<Planted>])[] = [
  ['GitHub personal', bare('ghp_', chars(BASE62, 36))],
  ['GitHub OAuth', bare('gho_', chars(BASE62, 36))],
  ['GitHub installation', bare('ghs_', chars(BASE62, 36))],
  ['GitHub user', bare('ghu_', chars(BASE62, 36))],
  ['GitHub fine-grained', bare('github_pat_', chars(`${BASE62}_`, 82))],
  ['GitLab', bare('glpat-', chars(BASE64_URL, 20))],
  ['AWS key id', bare('AKIA', chars(`${UPPER}234567`, 16))],
  ['AWS session key id', bare('ASIA', chars(`${UPPER}234567`, 16))],
  ['AWS secret key', beside('AWS_SECRET_ACCESS_KEY=', base64Value)],
  ['AWS secret key, ini', beside('aws_secret_access_key = ', base64Value)],
  ['AWS secret key, JSON', beside('"SecretAccessKey": "', base64Value, '",')],
  ['GCP API key', bare('AIza', chars(BASE64_URL, 35))],
  ['GCP key id, JSON', beside('  "private_key_id": "', chars(HEX, 40), '",')],
  [
    'GCP key, JSON',
    beside(
      '"private_key": "-----BEGIN PRIVATE KEY-----\\n',
      chars(BASE64, 200, 400),
      '\\n-----END PRIVATE KEY-----\\n",',
    ),
  ],
  [
    'Azure storage',
    beside(
      'DefaultEndpointsProtocol=https;AccountName=ci;AccountKey=',
      chars(BASE64, 86),
      '==;EndpointSuffix=core.windows.net',
    ),
  ],
  [
    'Azure service bus',
    beside(
      'Endpoint=sb://ci.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=',
      base64Value,
      '=',
    ),
  ],
  ['Azure client secret', bare('abc8Q~', chars(BASE62, 34))],
  ['Azure SAS', beside('https://ci.blob.core.windows.net/logs?sv=2022-11-02&sig=', chars(BASE62, 43), '%3D')],
  [
    'Slack bot',
    bare(
      'xoxb-',
      chars(DIGITS, 12).chain((id) => chars(BASE62, 24).map((rest) => `${id}-${rest}`)),
    ),
  ],
  ['Slack webhook', beside('https://hooks.slack.com/services/T0123ABCD/B0123ABCD/', chars(BASE62, 24))],
  ['npm', bare('npm_', chars(BASE62, 36))],
  ['npm, .npmrc', beside('//registry.example.org/:_authToken=', highEntropy)],
  ['PyPI', bare('pypi-AgEIcHlwaS5vcmc', chars(BASE64_URL, 120))],
  ['Stripe', bare('sk_live_', chars(BASE62, 24, 99))],
  ['Stripe restricted', bare('rk_test_', chars(BASE62, 24, 99))],
  ['OpenAI', bare('sk-', chars(BASE62, 48))],
  ['OpenAI project', bare('sk-proj-', chars(BASE64_URL, 100))],
  ['Anthropic', bare('sk-ant-api03-', chars(BASE64_URL, 95))],
  [
    'SendGrid',
    bare(
      'SG.',
      chars(BASE62, 22).chain((id) => chars(BASE62, 43).map((rest) => `${id}.${rest}`)),
    ),
  ],
  ['Hugging Face', bare('hf_', chars(BASE62, 34))],
  ['Docker Hub', bare('dckr_pat_', chars(BASE64_URL, 27))],
  [
    'JWT',
    fc
      .tuple(chars(BASE64_URL, 20, 40), chars(BASE64_URL, 40, 200), chars(BASE64_URL, 43))
      .map(([head, body, sign]) => ({
        secret: `${head}.eyJ${body}.${sign}`,
        text: `eyJ${head}.eyJ${body}.${sign}`,
      })),
  ],
  ['Postgres URL', beside('postgres://app:', chars(BASE62, 12, 30), '@db.example.org:5432/app')],
  [
    'Postgres URL, @ in the password',
    beside(
      'postgres://app:',
      chars(BASE62, 12).map((p) => `${p}@${p}`),
      '@db:5432/app',
    ),
  ],
  [
    'MongoDB URL',
    beside('mongodb+srv://root:', chars(BASE62, 12, 30), '@cluster0.example.mongodb.net/?retryWrites=true'),
  ],
  ['Redis URL without a user', beside('redis://:', chars(BASE62, 12, 30), '@cache:6379/0')],
  [
    'ADO connection string',
    beside('Server=tcp:db,1433;User ID=sa;Password=', chars(BASE62, 12, 30), ';Encrypt=True'),
  ],
  [
    'JDBC URL',
    beside('jdbc:mysql://db:3306/app?user=root&password=', chars(BASE62, 12, 30), '&useSSL=false'),
  ],
  ['URL with basic auth', beside('https://deploy:', chars(BASE62, 12, 30), '@git.example.org/app.git')],
  ['URL with a token', beside('https://', chars(BASE62, 24, 40), '@git.example.org/app.git')],
  ['bearer header', beside('Authorization: Bearer ', highEntropy)],
  [
    'bearer header of curl',
    beside("curl -H 'authorization: Bearer ", highEntropy, "' https://api.example.org"),
  ],
  ['basic header', beside('Authorization: Basic ', base64Value, '=')],
  ['token header', beside('> Authorization: token ', highEntropy)],
  ['API key header', beside('X-Api-Key: ', highEntropy)],
  ['TOKEN=', beside('DEPLOY_TOKEN=', highEntropy)],
  [
    'TOKEN= of base64',
    beside(
      'DEPLOY_TOKEN=',
      chars(BASE64, 44).filter((value) => /\d[A-Z][a-z]\d?/.test(value)),
      '==',
    ),
  ],
  ['export', beside('export API_SECRET="', highEntropy, '"')],
  ['YAML password', beside('  password: ', highEntropy)],
  ['JSON password', beside('{"user":"ci","password":"', highEntropy, '"}')],
  ['escaped JSON password', beside('{\\"password\\":\\"', highEntropy, '\\"}')],
  [
    'short password',
    beside(
      'PGPASSWORD=',
      chars(BASE62, 6, 10).filter((p) => !/^(?:x+|string)$/i.test(p)),
    ),
  ],
  ['password flag', beside('mysql --password=', highEntropy)],
  ['token flag', beside('npx vsce publish --token ', highEntropy)],
  ['client secret', beside('client_secret: "', highEntropy, '"')],
  [
    'e-mail',
    fc
      .tuple(chars(LOWER, 5, 20), chars(LOWER, 5, 20))
      .map(([user, host]) => ({ secret: `${user}@${host}.com`, text: `<${user}@${host}.com>` })),
  ],
];

const anyToken: fc.Arbitrary<Planted> = fc.oneof(...TOKENS.map(([, planted]) => planted));

/** Where a log may show it: plain, in messages that rules recognise, under colours, at the end of a progress bar. */
const PLACES: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => `error: request failed: ${text} was refused`,
  (text) =>
    `src/a.ts(3,5): error TS2345: Argument of type ${text} is not assignable to parameter of type 'never'.`,
  (text) => `##[error]${text}`,
  (text) => `AssertionError: expected ${text} to equal 3`,
  (text) => `\u001b[31m${text}\u001b[0m`,
  (text) => `Downloading 10%\rDownloading 100%\r${text}`,
  (text) => `\u0001\u0007${text}`,
  (text) => `web-1  | ${text}`,
  (text) => `${text}\r`,
  (text) => `${'x '.repeat(3_000)}${text}`,
];

/** A stretch of the secret that an output still shows. Twelve characters in a row are no accident. */
function surviving(secret: string, output: string): string | null {
  const window = Math.min(12, secret.length);
  for (let at = 0; at + window <= secret.length; at += 1) {
    const part = secret.slice(at, at + window);
    if (output.includes(part)) return part;
  }
  return null;
}

const TIME = '2024-05-01T10:00:00.0000000Z ';
const FRAME_TOP = ['##[group]Run npm test', '##[endgroup]', 'src/b.ts(1,1): error TS1005: ; expected.'];
const FRAME_END = ['##[error]Process completed with exit code 1.'];

async function everythingHeld(lines: readonly string[], timed: boolean): Promise<string> {
  const log = [...FRAME_TOP, ...lines, ...FRAME_END].map((line) => (timed ? TIME : '') + line).join('\n');
  let archived = '';
  const analysis = await analyzeLog(log, { onText: (chunk) => void (archived += chunk), maxChars: 100_000 });
  expect(archived.split('\n')).toHaveLength(log.split('\n').length);
  return `${archived}\n${JSON.stringify(analysis)}`;
}

describe('secrets in a log', () => {
  it.each(TOKENS)('%s never reaches what the analysis hands on', async (_, planted) => {
    await fc.assert(
      fc.asyncProperty(
        planted,
        fc.constantFrom(...PLACES),
        fc.boolean(),
        async ({ secret, text }, place, timed) => {
          expect(surviving(secret, await everythingHeld([place(text)], timed))).toBeNull();
        },
      ),
      { numRuns: 25 },
    );
  });

  it('go from free text as well, which keeps its lines and is not changed by a second pass', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(anyToken, fc.constantFrom(...PLACES)), { minLength: 1, maxLength: 4 }),
        (all) => {
          const text = all.map(([planted, place]) => place(planted.text)).join('\n');
          const once = redactText(text);
          for (const [{ secret }] of all) expect(surviving(secret, once.text)).toBeNull();
          expect(once.redactions).toBeGreaterThan(0);
          expect(once.text.split('\n')).toHaveLength(text.split('\n').length);
          expect(redactText(once.text).text).toBe(once.text);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('leave text of any kind stable after one pass', () => {
    const words = fc.constantFrom(
      'password',
      'token',
      '=',
      ':',
      ' ',
      '"',
      '[redacted]',
      '[email]',
      '@',
      'a.com',
      '://',
      '***',
      'x1Y2z3W4v5',
      '\n',
      '--',
      '&',
      'Bearer ',
    );
    fc.assert(
      fc.property(
        fc.array(words, { maxLength: 14 }).map((parts) => parts.join('')),
        (text) => {
          const once = redactText(text).text;
          expect(redactText(once).text).toBe(once);
          expect(once.split('\n')).toHaveLength(text.split('\n').length);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('private keys over several lines', () => {
  const KINDS = [
    'PRIVATE KEY',
    'RSA PRIVATE KEY',
    'EC PRIVATE KEY',
    'OPENSSH PRIVATE KEY',
    'PGP PRIVATE KEY BLOCK',
  ];
  /** What tools put before every line, and behind it. */
  const WRAPS: readonly (readonly [string, string])[] = [
    ['', ''],
    ['    ', '  '],
    ['web-1  | ', ''],
    ['#12 3.4 ', ''],
    ['+', ''],
    ['"', '\\n" +'],
  ];
  const key = fc
    .tuple(
      fc.constantFrom(...KINDS),
      fc.array(chars(BASE64, 64), { minLength: 1, maxLength: 20 }),
      chars(BASE64, 14, 60),
    )
    .map(([kind, full, last]) => ({ kind, body: [...full, last] }));

  it('are masked to their end, wherever each line stands', async () => {
    await fc.assert(
      fc.asyncProperty(
        key,
        fc.constantFrom(...WRAPS),
        fc.boolean(),
        async ({ kind, body }, [before, after], timed) => {
          const lines = [`-----BEGIN ${kind}-----`, ...body, `-----END ${kind}-----`].map(
            (line) => before + line + after,
          );
          const held = await everythingHeld([...lines, 'error: what comes after it stays'], timed);
          for (const part of body) expect(surviving(part, held)).toBeNull();
          expect(held).toContain('error: what comes after it stays');
          const text = redactText(lines.join('\n')).text;
          for (const part of body) expect(surviving(part, text)).toBeNull();
          expect(redactText(text).text).toBe(text);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('are masked with their headers and to where the log breaks off', () => {
    const lines = [
      '-----BEGIN RSA PRIVATE KEY-----',
      'Proc-Type: 4,ENCRYPTED',
      'DEK-Info: AES-256-CBC,0011AABB',
      '',
      'a'.repeat(64),
    ];
    expect(redactText(lines.join('\n')).text).not.toMatch(/AES|aaaa/);
  });

  it('take only themselves out of a line', () => {
    const { text } = redactText('set -----BEGIN PRIVATE KEY-----MIIabc-----END PRIVATE KEY----- as KEY');
    expect(text).toBe('set [redacted] as KEY');
  });

  it('that were only mentioned swallow no output', () => {
    const text =
      'Expecting: -----BEGIN PRIVATE KEY-----\nnpm run build failed in 3.2s\nTests: 3 failed, 4 passed';
    expect(redactText(text).text.split('\n').slice(1)).toEqual(text.split('\n').slice(1));
  });
});

describe('what is no secret', () => {
  it.each([
    'HEAD is now at 1f3e5a7 fix: token refresh',
    '[command]/usr/bin/git checkout --progress --force refs/remotes/pull/12/merge',
    "'2f1b9c0e7d6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c'",
    'commit 2f1b9c0e7d6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c',
    'Digest: sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'docker.io/library/node@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'integrity sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==',
    'request id 123e4567-e89b-42d3-a456-426614174000',
    'Author: renovate[bot]',
    'cache_key: Linux-node-9f86d081884c7d65',
    '/home/runner/work/app/app/src/auth/token.service.spec.ts',
    'FAIL src/auth/session-token.spec.ts > SessionToken > expires after 30 minutes',
    'src/auth/token.ts:12:5 - error TS2322: Type string is not assignable',
    '/opt/hostedtoolcache/Python/3.11.4/x64/lib/python3.11/site-packages/requests/auth.py:84',
    'git@github.com:acme/app.git',
    'http://localhost:4873/@babel/core/-/core-7.24.0.tgz',
    'GET http://localhost:5173/@vite/client',
    'https://registry.example.org/@babel/core/-/core-7.24.0.tgz',
    'uses: actions/checkout@v4',
    'npm error notarget No matching version found for left-pad@9.9.9.',
    'Unexpected token < in JSON at position 0',
    'SyntaxError: Unexpected token (12:4)',
    'token: ***',
    'password=***',
    'https://x-access-token:***@github.com/acme/app',
    'Authorization: basic ***',
    'GITHUB_TOKEN: ${{ secrets.GITHUB_TOKEN }}',
    'PASSWORD=$DB_PASSWORD',
    'password: <none>',
    'Error: Input required and not supplied: token',
    'secretKeyRef: name',
    'duplicate key value violates unique constraint "users_email_key"',
    'npm_config_cache=/home/runner/.npm',
    'task-9f86d081884c7d65 finished',
    'auth-type: SERVICE_PRINCIPAL',
    'org.openqa.selenium.SessionNotCreatedException: Message: session not created',
  ])('stays: %s', (line) => {
    expect(redactText(line)).toEqual({ text: line, redactions: 0 });
  });

  it('generated hashes, ids and paths stay', () => {
    const ordinary = fc.oneof(
      chars(HEX, 40).map((sha) => `commit ${sha}`),
      chars(HEX, 64).map((sha) => `pulled ghcr.io/acme/app@sha256:${sha}`),
      chars(BASE64, 86).map((hash) => `integrity: sha512-${hash}==`),
      fc.uuid().map((id) => `run ${id} queued`),
      fc
        .array(chars(LOWER, 3, 10), { minLength: 2, maxLength: 8 })
        .map((parts) => `at Object.<anonymous> (/home/runner/work/${parts.join('/')}.test.ts:10:5)`),
    );
    fc.assert(
      fc.property(ordinary, (line) => {
        expect(redactText(line).text).toBe(line);
      }),
      { numRuns: 500 },
    );
  });
});
