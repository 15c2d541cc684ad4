import { Command } from 'commander';
import { addAnalyzeCommand } from './analyze/analyze.command.js';
import { addDbCommand } from './db/db.command.js';
import { addDemoCommand } from './demo/demo.command.js';
import { addDoctorCommand } from './doctor/doctor.command.js';
import { addEvalCommand } from './eval/eval.command.js';
import { addEmbeddingsCommand } from './embeddings/embeddings.command.js';
import { addGithubCommand } from './github/github.command.js';
import { addKeysCommand } from './keys/keys.command.js';
import { addKnowledgeCommand } from './knowledge/knowledge.command.js';
import { addMigrateCommand } from './migrate.command.js';
import { addProjectsCommand } from './projects/projects.command.js';
import { addReplayCommand } from './replay/replay.command.js';
import { reportFailure } from './report-failure.js';
import { addSecretsCommand } from './secrets/secrets.command.js';

const program = new Command('devflowfix')
  .description('Turns failed CI runs into diagnosed incidents.')
  .showHelpAfterError('(--help lists what there is)');
addAnalyzeCommand(program);
addEvalCommand(program);
addEmbeddingsCommand(program);
addGithubCommand(program);
addKeysCommand(program);
addKnowledgeCommand(program);
addMigrateCommand(program);
addReplayCommand(program);
addDbCommand(program);
addSecretsCommand(program);
addProjectsCommand(program);
addDemoCommand(program);
addDoctorCommand(program);

// A closed pipe (`| head`) ends the command quietly.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}
