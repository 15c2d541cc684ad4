import { loadConfig } from '@app/config';
import { PinoLog } from '@app/telemetry';
import type { Command } from 'commander';
import { doctorChecks } from './checks.js';
import { printReport, printSummary } from './print-report.js';
import { runChecks } from './run-checks.js';

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description(
      'Checks configuration, data directory, database, Redis, GitHub and the model, and says what to mend.',
    )
    .option('--json', 'one JSON object with every finding')
    .action(doctor);
}

async function doctor(options: { readonly json?: boolean }): Promise<void> {
  const checks = doctorChecks(() => loadConfig(), PinoLog.create({ level: 'silent' }));
  const reports = await runChecks(checks, options.json ? undefined : printReport);
  const healthy = reports.every(({ verdict }) => verdict !== 'failed');
  if (options.json) process.stdout.write(`${JSON.stringify({ healthy, checks: reports }, null, 2)}\n`);
  else printSummary(reports);
  if (!healthy) process.exitCode = 1;
}
