import { STATUS_CODES } from 'node:http';
import { NEEDED_EVENTS, NEEDED_PERMISSIONS, type CreatedApp, type OpenedSetup } from '@app/github';
import type { Problem } from '../http/problem.js';
import { html, htmlPage, type Html } from './html-page.js';
import type { SetupPageQuery } from './setup.schemas.js';

/** The page from which a browser hands the manifest over to GitHub. */
export function setupPage(setup: OpenedSetup, { organization, access }: SetupPageQuery): string {
  const manifest = setup.manifest(access);
  const account = organization === '' ? '' : `/organizations/${encodeURIComponent(organization)}`;
  const action = `${setup.webUrl}${account}/settings/apps/new?state=${encodeURIComponent(setup.state)}`;
  const where = organization === '' ? 'your own account' : `the organisation ${organization}`;
  return htmlPage(
    'Create the GitHub App',
    html`<p>
        GitHub makes the App <b>${manifest.name}</b> for ${where} and sends you back here. You can change its
        name there. It belongs to you alone; its keys are kept sealed in this product’s database.
      </p>
      ${choice({ organization, access })}
      <h2>What it may do</h2>
      <ul>
        ${Object.entries(manifest.default_permissions).map(
          ([permission, level]) =>
            html`<li><code>${permission}: ${level}</code> – ${purposesOf(permission, level)}</li>`,
        )}
      </ul>
      ${
        manifest.hook_attributes
          ? html`<p>
              It sends <code>${NEEDED_EVENTS.map(({ event }) => event).join(', ')}</code> to
              <code>${manifest.hook_attributes.url}</code>.
            </p>`
          : html`<p>
              It gets no webhook, because GitHub can’t reach <code>${manifest.url}</code>: failed runs are
              found by asking GitHub every few minutes.
            </p>`
      }
      <form method="post" action="${action}">
        <input type="hidden" name="manifest" value="${JSON.stringify(manifest)}" />
        <button type="submit">Create it on GitHub</button>
      </form>`,
  );
}

/** After the App was made. */
export function createdPage({ slug, installUrl, hasWebhook }: CreatedApp): string {
  return htmlPage(
    'The GitHub App is ready',
    html`<p>
        <b>${slug}</b> was created, and this product uses it from now on.
        ${!hasWebhook && 'It has no webhook: failed runs are found by asking GitHub every few minutes.'}
      </p>
      <p>
        Next: <a href="${installUrl}">install it on the repositories</a> whose failures are to be diagnosed.
      </p>
      <p><code>npm run cli -- doctor</code> checks it at any time.</p>`,
  );
}

/** What went wrong, for a person. */
export function problemPage({ status, detail, requestId }: Problem): string {
  return htmlPage(
    STATUS_CODES[status] ?? 'Error',
    html`<p>${detail}</p>
      <p>Request <code>${requestId}</code></p>`,
  );
}

/** Works without a script: the page is asked for again. */
function choice({ organization, access }: SetupPageQuery): Html {
  const option = (value: SetupPageQuery['access'], label: string): Html =>
    html`<label
        ><input type="radio" name="access" value="${value}" ${value === access ? html`checked` : ''} />
        ${label}</label
      ><br />`;
  return html`<form method="get">
    <fieldset>
      <legend>For whom and for what</legend>
      <label
        >Organisation (empty: your own account)
        <input name="organization" value="${organization}" maxlength="100" /></label
      ><br />
      ${option('act', 'diagnose, and act where a project’s policy or a person allows it')}
      ${option('diagnose', 'diagnose only: it can’t write anything')}
      <button type="submit">Show</button>
    </fieldset>
  </form>`;
}

function purposesOf(permission: string, level: string): string {
  return NEEDED_PERMISSIONS.filter(
    (needed) => needed.permission === permission && (needed.level === level || needed.level === 'read'),
  )
    .map(({ feature }) => `without it no ${feature}`)
    .join('; ');
}
