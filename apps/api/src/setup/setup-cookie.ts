import { APP_SETUP_PATH } from '@app/github';

const NAME = 'devflowfix_setup';
const LIFETIME_S = 3_600;
const VALUE = new RegExp(`(?:^|;\\s*)${NAME}=([\\w-]{43})(?:;|$)`);

/** What the browser was given when it opened the link; null: nothing. */
export function browserOf(cookies: string | undefined): string | null {
  return VALUE.exec(cookies ?? '')?.[1] ?? null;
}

/** The answer from GitHub is a navigation from another site: the cookie must be `Lax` to come along with it. */
export function browserCookie(browser: string, isHttps: boolean): string {
  const secure = isHttps ? '; Secure' : '';
  return `${NAME}=${browser}; Path=${APP_SETUP_PATH}; Max-Age=${LIFETIME_S}; HttpOnly; SameSite=Lax${secure}`;
}
