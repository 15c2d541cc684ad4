import { styleText } from 'node:util';
import { evidenceBlocks } from './evidence-blocks.js';
import { isExplained, type PlayedFailure } from './failure-feed.js';
import type { Recording } from './recording.js';

const LABEL_WIDTH = 11;

export function printOpening(url: string, ms: number): void {
  print(
    `\n${bold('devflowfix')} runs on ${url} ${dim(`(${seconds(ms)}; embedded database and queue, no Redis, no model: the rule analyst answers)`)}`,
  );
  print('Jobs fail now. Signed webhooks go to the real endpoint; GitHub is a stand-in on loopback.\n');
}

export function printResult(number: number, recording: Recording, played: PlayedFailure): void {
  const { incident, ms, redactions } = played;
  print(bold(`${number}. ${recording.repository} · ${recording.workflow} / ${recording.job}`));
  if (!incident.diagnosis) {
    row('Status', `${incident.status}: ${incident.statusReason ?? 'no reason given'}`);
    print('');
    return;
  }
  const { diagnosis } = incident;
  const category = [incident.category, incident.subcategory].filter(Boolean).join(' · ');
  const sure = `${Math.round((incident.confidence ?? 0) * 100)} % sure, ${incident.determinism}`;
  row('Category', `${styleText('yellow', category)} ${dim(`(${sure})`)}`);
  row('Root cause', diagnosis.rootCause);
  if (!isExplained(played))
    row(
      'Doubtful',
      styleText('yellow', 'the log does not show what failed; this is the likeliest of what it holds'),
    );
  printEvidence(incident.evidence, diagnosis.citations);
  row('Fix', styleText('green', diagnosis.solution.summary));
  for (const command of diagnosis.solution.commands) row('', styleText('green', `$ ${command}`));
  const spent = `$${incident.cost.costUsd.toFixed(4)}, ${incident.cost.modelCalls} model calls`;
  row('Cost', `${spent} ${dim(`(answered by: ${diagnosis.source})`)}`);
  row('Time', `${seconds(ms)} ${dim('from webhook to diagnosis')}`);
  if (redactions) row('Redacted', `${redactions} secrets and addresses, before anything was stored`);
  print('');
}

/** The same failures a second time: other run ids, timestamps, temporary paths. */
export function printRepetition(
  recordings: readonly Recording[],
  first: readonly PlayedFailure[],
  again: readonly PlayedFailure[],
): void {
  print(bold('The same failures again, two days later: new run ids, timestamps, temporary folders'));
  for (const [index, { incident, ms }] of again.entries()) {
    const same = incident.fingerprint === first[index]!.incident.fingerprint;
    const outcome = outcomeOf(incident);
    const line = incident.diagnosis?.citations[0]?.line;
    print(
      `   ${index + 1}. ${recordings[index]!.job.padEnd(22)} ${outcome}, ${incident.cost.modelCalls} model calls, ${seconds(ms)}` +
        dim(
          `  (${same ? 'same' : 'other'} fingerprint${line ? `, evidence found again at line ${line}` : ''})`,
        ),
    );
  }
  print('');
}

export function printSummary(first: readonly PlayedFailure[], again: readonly PlayedFailure[]): void {
  const diagnosed = first.filter(isExplained).length;
  const unexplained = first.filter(
    (played) => played.incident.status === 'diagnosed' && !isExplained(played),
  ).length;
  const without = unexplained > 0 ? `, ${unexplained} without enough evidence in the log` : '';
  const reused = again.filter(({ incident }) => incident.diagnosis?.reused).length;
  const calls = [...first, ...again].reduce((sum, { incident }) => sum + incident.cost.modelCalls, 0);
  print(
    bold(
      `${diagnosed} of ${first.length} failures diagnosed${without}; ${reused} of ${again.length} repetitions answered from the store; ${calls} model calls.`,
    ),
  );
}

export function printClosing(url: string, apiKey: string): void {
  print(`\nStill serving on ${url} until Ctrl-C:`);
  print(`   ${url}/docs   the API`);
  print(`   curl -H 'Authorization: Bearer ${apiKey}' ${url}/api/v1/incidents`);
  print(
    `   curl -H 'Authorization: Bearer ${apiKey}' -H 'Content-Type: text/plain' --data-binary @build.log ${url}/api/v1/incidents`,
  );
}

function outcomeOf(incident: PlayedFailure['incident']): string {
  if (incident.diagnosis?.reused) return styleText('green', 'answered from the stored diagnosis');
  return styleText('red', 'diagnosed anew');
}

/** The lines the diagnosis cites, each between its neighbours. */
function printEvidence(
  evidence: PlayedFailure['incident']['evidence'],
  citations: readonly { readonly line: number }[],
): void {
  const blocks = evidenceBlocks(
    evidence,
    citations.map(({ line }) => line),
  );
  for (const [index, block] of blocks.entries()) {
    if (index > 0) row('', dim('⋮'));
    for (const [offset, { number, text, cited }] of block.entries()) {
      const label = index === 0 && offset === 0 ? 'Evidence' : '';
      row(label, `${dim(`line ${String(number).padStart(5)} |`)} ${cited ? styleText('red', text) : text}`);
    }
  }
}

function row(label: string, text: string): void {
  print(`   ${label.padEnd(LABEL_WIDTH)} ${text}`);
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 0)} s`;
}

function bold(text: string): string {
  return styleText('bold', text);
}

function dim(text: string): string {
  return styleText('dim', text);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
