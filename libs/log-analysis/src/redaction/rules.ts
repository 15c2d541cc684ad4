import type { Triggered } from '../scan/triggers.js';

/**
 * What counts as a secret. Token shapes follow the rule sets of gitleaks and secretlint (compared by hand; both are
 * built for scanning files, not for streaming lines in place), loosened in length so that a cut-off token still goes.
 * Every quantifier is bounded or can't overlap its neighbour, so each rule is linear in the line.
 */
export interface RedactionRule extends Triggered {
  readonly id: string;
  /** Global expression. Without groups the whole match goes; the groups `keep` and `end` stay around the mask. */
  readonly pattern: RegExp;
  /** Whether this candidate really is one; `secret` is the group of that name or the whole match. */
  readonly accept?: (secret: string) => boolean;
  readonly mask?: string;
}

const token = (id: string, near: readonly string[], pattern: RegExp): RedactionRule => ({
  id,
  near,
  pattern,
});

/** Tokens that give themselves away by their shape. */
const TOKEN_RULES: readonly RedactionRule[] = [
  token('github', ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], /gh[pousr]_[A-Za-z0-9]{16,255}/g),
  token('github-pat', ['github_pat_'], /github_pat_[A-Za-z0-9_]{16,255}/g),
  token(
    'gitlab',
    ['glpat-', 'glptt-', 'gldt-', 'glrt-', 'glcbt-', 'glft-', 'glsoat-', 'glimt-', 'gloas-', 'glagent-'],
    /gl(?:pat|ptt|dt|rt|cbt|ft|soat|imt|oas|agent)-[\w-]{16,300}/g,
  ),
  token('aws-key-id', ['akia', 'asia', 'abia', 'acca'], /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b/g),
  token(
    'slack',
    ['xoxb-', 'xoxp-', 'xoxa-', 'xoxr-', 'xoxs-', 'xoxe-', 'xoxo-', 'xoxe.', 'xapp-'],
    /\b(?:xox[abeoprs][-.]|xapp-)[\w-]{8,300}/g,
  ),
  token(
    'slack-webhook',
    ['hooks.slack.com'],
    /hooks\.slack\.com\/(?:services|workflows|triggers)\/[\w/+-]{20,200}/g,
  ),
  token(
    'discord-webhook',
    ['discord.com/api/webhooks', 'discordapp.com/api/webhooks'],
    /discord(?:app)?\.com\/api\/webhooks\/\d{10,22}\/[\w-]{20,120}/g,
  ),
  token('discord', ['discord'], /\b[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,45}\b/g),
  token('teams-webhook', ['webhook.office.com'], /[\w-]{1,60}\.webhook\.office\.com\/[\w@/-]{20,300}/g),
  token(
    'stripe',
    ['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_', 'sk_prod_', 'rk_prod_', 'whsec_'],
    /\b(?:(?:sk|rk)_(?:live|test|prod)_[A-Za-z0-9]{10,200}|whsec_[A-Za-z0-9+/=]{16,200})/g,
  ),
  token('openai-like', ['sk-'], /\bsk-[A-Za-z0-9_-]{20,250}/g),
  token('nvidia', ['nvapi-'], /\bnvapi-[\w-]{20,200}/g),
  token(
    'google',
    ['aiza', 'ya29.', 'gocspx-'],
    /\b(?:AIza[\w-]{30,45}|ya29\.[\w-]{20,300}|GOCSPX-[\w-]{20,60})/g,
  ),
  token('npm', ['npm_'], /\bnpm_[A-Za-z0-9]{30,60}/g),
  token('pypi', ['pypi-ag'], /\bpypi-Ag[\w-]{30,300}/g),
  token('docker-hub', ['dckr_'], /\bdckr_(?:pat|oat)_[\w-]{20,60}/g),
  token('sendgrid', ['sg.'], /\bSG\.[\w-]{16,64}\.[\w-]{16,64}/g),
  token('twilio', ['twilio', '_sid'], /\b(?:SK|AC)[0-9a-f]{32}\b/g),
  token('mailgun', ['key-'], /\bkey-[0-9a-f]{32}\b/g),
  token('mailchimp', ['-us'], /\b[0-9a-f]{32}-us\d{1,2}\b/g),
  token('digitalocean', ['dop_v1_', 'doo_v1_', 'dor_v1_'], /\bdo[opr]_v1_[a-f0-9]{32,80}/g),
  token('shopify', ['shpat_', 'shpca_', 'shppa_', 'shpss_'], /\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{24,40}/g),
  token('telegram', [':aa'], /\b\d{8,10}:AA[\w-]{30,40}/g),
  token('vault', ['hvs.', 'hvb.', 'hvr.'], /\bhv[sbr]\.[\w-]{20,300}/g),
  token('terraform-cloud', ['.atlasv1.'], /\b[A-Za-z0-9]{10,20}\.atlasv1\.[\w=-]{40,90}/g),
  token('databricks', ['dapi'], /\bdapi[a-f0-9]{32}(?:-\d)?\b/g),
  token('huggingface', ['hf_'], /\b(?:hf|api_org)_[A-Za-z0-9]{30,45}\b/g),
  token(
    'services',
    [
      'lin_api_',
      'lin_oauth_',
      'ntn_',
      'pmak-',
      'sntrys_',
      'sntryu_',
      'glsa_',
      'glc_',
      'nrak-',
      'rubygems_',
      'r8_',
      'sbp_',
      'dp.pt.',
      'dp.st.',
      'pul-',
      'pscale_',
      'atatt3',
      'atctt3',
      'age-secret-key-1',
      'figd_',
      'sq0atp-',
      'sq0csp-',
      'eaaa',
      'hrku-',
      'flyv1',
      'fm2_',
      'sgp_',
      'cmvmd',
      'akcp',
      'xai-',
      'gsk_',
      'tskey-',
      'dt0c01.',
      'lf_sk',
      'rpa_',
      'ccipat_',
      'bkua_',
      'pat-na1-',
      'pat-eu1-',
      'easypost',
      'shippo_',
      'duffel_',
      'ops_eyj',
      'a3-',
      'vercel_blob_rw_',
      'sk_',
      'phc_',
      'phx_',
    ],
    /\b(?:lin_(?:api|oauth)_[A-Za-z0-9]{32,64}|ntn_[A-Za-z0-9]{32,60}|PMAK-[a-f0-9]{24}-[a-f0-9]{34}|sntry[su]_[\w=+/-]{32,300}|glsa_\w{32,60}|glc_[\w=+/-]{32,300}|NRAK-[A-Z0-9]{20,40}|rubygems_[a-f0-9]{32,60}|r8_[A-Za-z0-9]{32,50}|sbp_[a-f0-9]{32,50}|dp\.(?:pt|st)\.[\w.-]{32,80}|pul-[a-f0-9]{32,60}|pscale_(?:tkn|pw|oauth)_[\w=.-]{24,80}|AT[AC]TT3[\w=-]{40,250}|AGE-SECRET-KEY-1[A-Z0-9]{50,64}|figd_[\w-]{30,60}|sq0(?:atp|csp)-[\w-]{20,60}|EAAA[\w-]{50,80}|HRKU-[\w-]{30,80}|FlyV1 [\w=+/,-]{40,800}|fm2_[\w=+/-]{40,400}|sgp_[\w]{32,100}|cmVmd[A-Za-z0-9]{50,64}|AKCp[A-Za-z0-9]{60,76}|xai-[A-Za-z0-9]{40,100}|gsk_[A-Za-z0-9]{40,64}|tskey-[\w-]{20,80}|dt0c01\.[A-Z0-9]{24}\.[A-Z0-9]{64}|rpa_[A-Z0-9]{30,60}|CCIPAT_[\w]{30,90}|bkua_[a-f0-9]{32,60}|pat-(?:na|eu)1-[a-f0-9-]{36}|(?:shippo|duffel)_(?:live|test)_[\w=-]{32,64}|ops_eyJ[\w+/=-]{100,2000}|A3-[A-Z0-9]{6}-[A-Z0-9-]{20,40}|vercel_blob_rw_[\w]{30,80}|ph[cx]_[A-Za-z0-9]{32,60})/g,
  ),
  token('azure-client-secret', ['q~'], /\b[\w.~-]{3}\dQ~[\w.~-]{28,40}/g),
  token('jwt', ['eyj'], /\beyJ[A-Za-z0-9_-]{6,4000}\.[A-Za-z0-9_-]{6,4000}(?:\.[A-Za-z0-9_-]{0,2000}){0,3}/g),
];

/** Values that stand where a secret would, and are none. */
const PLACEHOLDER =
  /^(?:\*{2,}|x{3,}|\.{2,}|-+|true|false|null|nil|none|undefined|empty|required|missing|string|optional|yes|no|unset|redacted|\[redacted\]|\[email\]|<[^>]*>?|\$(?:\{.*|\(.*|[A-Za-z_]\w*)|%[A-Za-z_]+%|\{\{.*|process\.env.*|os\.environ.*|secrets\..*|env\..*|inputs\..*)$/i;

const looksRandom = (value: string): boolean => {
  if (value.length < 8 || PLACEHOLDER.test(value)) return false;
  const kinds =
    Number(/[a-z]/.test(value)) +
    Number(/[A-Z]/.test(value)) +
    Number(/\d/.test(value)) +
    Number(/[^A-Za-z0-9]/.test(value));
  // words, paths and versions are not random: a digit among letters is, or a long mix of cases
  if (/^[A-Za-z]+(?:[-_. /][A-Za-z]+)*[.:!?…]{0,3}$/.test(value))
    return value.length >= 20 && entropy(value) > 3.8;
  if (/^[./~@]|[/\\].*[/\\]|^v?\d+(?:\.\d+)+/.test(value) && !/[+=]/.test(value) && value.length < 60)
    return changesOfKind(value) > MAX_CHANGES_OF_WORDS;
  return kinds >= 2 && entropy(value) >= 2.5;
};

/** Paths are made of words and numbers: their letters seldom change case; generated text does at three of five. */
const MAX_CHANGES_OF_WORDS = 0.4;

const kindOf = (char: string) => (/[a-z]/.test(char) ? 1 : /[A-Z]/.test(char) ? 2 : /\d/.test(char) ? 3 : 0);

/** Share of neighbouring letters and digits that are of different kinds (lower case, upper case, digit). */
function changesOfKind(value: string): number {
  const kinds = [...value].map(kindOf).filter((kind) => kind !== 0);
  let changes = 0;
  for (let i = 1; i < kinds.length; i += 1) if (kinds[i] !== kinds[i - 1]) changes += 1;
  return kinds.length < 2 ? 0 : changes / (kinds.length - 1);
}

/** Shannon entropy in bits a character. */
export function entropy(value: string): number {
  const counts = new Map<string, number>();
  for (const char of value) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / value.length) * Math.log2(count / value.length);
  return bits;
}

const isPassword = (value: string): boolean => value.length >= 3 && !PLACEHOLDER.test(value);

const SECRET_NAMES = [
  'secret',
  'token',
  'apikey',
  'api_key',
  'api-key',
  'access_key',
  'accesskey',
  'access-key',
  'private_key',
  'private-key',
  'privatekey',
  '_key',
  'auth',
  'credential',
  'account_key',
  'accountkey',
  'account-key',
  'connectionstring',
  'connection_string',
  'connection-string',
  'webhook',
  'dsn',
  'salt',
  'cookie',
  'session',
];

/** Secrets known by the name beside them, or by their place in a URL. */
const CONTEXT_RULES: readonly RedactionRule[] = [
  {
    id: 'url-credentials',
    near: ['://'],
    and: ['@'],
    pattern:
      /(?<keep>\b[A-Za-z][A-Za-z0-9+.-]{1,24}:\/\/)(?<secret>[^\s/:@"'`<>]{0,256}(?::[^\s@"'`<>]{0,512}(?:@[^\s/@"'`<>]{1,128})?)?)(?<end>@)/g,
    accept: (secret) =>
      secret !== '' &&
      secret !== 'git' &&
      !/(?:^|:)\*+$/.test(secret) &&
      // a port and the path of a scoped package: no one's password
      !/^[^:]*:\d{1,5}[/?#]/.test(secret) &&
      !PLACEHOLDER.test(secret),
  },
  {
    id: 'aws-secret-key',
    near: ['secret_access_key', 'secretaccesskey', 'secret-access-key', 'secret access key'],
    pattern:
      /(?<keep>secret[ _-]?access[ _-]?key(?: \[\w{0,20}\])?\\?["'`]?\s{0,3}(?:=>|:=|=|:)\s{0,3}\\?["'`]?)(?<secret>[A-Za-z0-9+/]{16,80}={0,2})/gi,
    accept: (secret) => /\d/.test(secret) || (/[a-z]/.test(secret) && /[A-Z]/.test(secret)),
  },
  {
    id: 'authorization-header',
    near: ['authorization', 'bearer ', 'basic ', 'x-api-key', 'private-token', 'x-auth-token', 'extraheader'],
    pattern:
      /(?<keep>\b(?:authorization|x-api-key|x-auth-token|private-token)\b["']?\s{0,4}[:=]\s{0,4}["']?(?:(?:bearer|basic|token|digest|negotiate)\s{1,4})?|\b(?:bearer|basic)\s{1,4})(?<secret>[\w+/=.~:-]{8,4000})/gi,
    accept: (secret) => looksRandom(secret) || (secret.length >= 20 && entropy(secret) > 3),
  },
  {
    id: 'query-parameter',
    near: [
      'token=',
      'key=',
      'sig=',
      'signature=',
      'secret=',
      'password=',
      'x-amz-credential=',
      'code=',
      'auth=',
    ],
    pattern:
      /(?<keep>[?&](?:[\w.-]{0,40}(?:token|key|signature|secret|password|credential|auth)|sig|code)=)(?<secret>[^\s&"'<>#]{6,4000})/gi,
    accept: (secret) => looksRandom(secret) || (secret.length > 24 && entropy(secret) > 3),
  },
  {
    id: 'password-assignment',
    near: ['passw', 'pwd', 'passphrase', 'pass=', 'pass:', 'pgpassword', '_pass', 'pass"'],
    pattern:
      /(?<keep>(?:password|passwd|passphrase|passwort|(?<![A-Za-z])(?:pwd|pass))\w{0,20}(?:\\?["'`]?\s{0,3}(?:=>|:=|=)\s{0,3}\\?["'`]?|\\?["'`]\s{0,3}:\s{0,3}\\?["'`]?|\s{0,3}:\s{0,3}\\?["'`]))(?<secret>[^\s"'`,;&|)}\]\\]{3,512})/gi,
    accept: isPassword,
  },
  {
    id: 'password-flag',
    near: [
      '--password',
      '--passwd',
      '--pass',
      '--token',
      '--secret',
      '--api-key',
      '--auth-token',
      '--secret-access-key',
      '--passphrase',
    ],
    pattern:
      /(?<keep>--(?:[\w-]{0,30}-)?(?:password|passwd|pass|passphrase|token|secret|api-key|secret-access-key|auth-token)[= ]["']?)(?<secret>[^\s"'-][^\s"']{2,512})/gi,
    accept: (secret) => isPassword(secret) && (/\d|[^A-Za-z0-9]/.test(secret) || secret.length > 15),
  },
  {
    id: 'secret-assignment',
    near: [...SECRET_NAMES, 'passw', 'pwd'],
    pattern:
      /(?<keep>(?:secret|token|api[_-]?key|access[_-]?key|private[_-]?key|account[_-]?key|(?<!cache|primary|foreign|public|unique|partition|sort|restore)_key|auth(?!or)|credential|connection[_-]?string|passw(?:or)?d|pwd|webhook|dsn|salt|cookie|session)[\w-]{0,30}\\?["'`]?\s{0,3}(?:=>|:=|=|:)\s{0,3}\\?["'`]?)(?<secret>[^\s"'`,;<>(){}\\]{8,4000})/gi,
    accept: (secret) => looksRandom(secret),
  },
  {
    id: 'netrc',
    near: ['machine '],
    and: ['password '],
    pattern: /(?<keep>\bpassword\s{1,4})(?<secret>\S{4,512})/g,
    accept: isPassword,
  },
  {
    id: 'email',
    near: ['@'],
    pattern:
      /\b[A-Za-z0-9][\w.+%-]{0,63}@(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\.){1,6}(?!(?:js|ts|mjs|cjs|jsx|tsx|jsm|py|rb|rs|go|html|json|yml|yaml|md|sh|java|kt|c|h|cc|cpp|hpp|service|sys|git|tgz|zip|gz|lock|toml|txt|css|vue|svelte|dart|swift)\b)[A-Za-z]{2,24}\b/g,
    accept: (secret) => !secret.startsWith('git@') && !secret.startsWith('ssh@'),
    mask: '[email]',
  },
];

export const REDACTION_RULES: readonly RedactionRule[] = [...TOKEN_RULES, ...CONTEXT_RULES];
/** A private key opens here; the lines after it are masked to its end. */
export const PRIVATE_KEY_BEGIN =
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----|PuTTY-User-Key-File-\d/;
export const PRIVATE_KEY_END =
  /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|---- END SSH2 ENCRYPTED PRIVATE KEY ----|Private-MAC:/;
export const PRIVATE_KEY_NEAR = ['private key', 'putty-user-key-file'] as const;
