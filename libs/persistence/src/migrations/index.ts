import { Schema1763700000001 } from './0001-schema.js';
import { Intake1763700000002 } from './0002-intake.js';
import { Budgets1763700000003 } from './0003-budgets.js';
import { Search1763700000004 } from './0004-search.js';
import { Learning1763700000005 } from './0005-learning.js';
import { Knowledge1763700000006 } from './0006-knowledge.js';
import { RunFacts1763700000007 } from './0007-run-facts.js';
import { Remediation1763700000008 } from './0008-remediation.js';
import { Agents1763700000009 } from './0009-agents.js';
import { IntakePlans1763700000010 } from './0010-intake-plans.js';
import { GithubApp1763700000011 } from './0011-github-app.js';
import { IncidentCounts1763700000012 } from './0012-incident-counts.js';
import { Analytics1763700000013 } from './0013-analytics.js';
import { IntakeInGroups1763700000016 } from './0016-intake-in-groups.js';
import { ConnectedAndReopened1763700000017 } from './0017-connected-and-reopened.js';
import { FailuresWithoutSuccessors1763700000018 } from './0018-failures-without-successors.js';
import { FacetCounts1763700000019 } from './0019-facet-counts.js';
import { OutdatedComments1763700000020 } from './0020-outdated-comments.js';
import { ListIndexes1763700000021 } from './0021-list-indexes.js';
import { PlansOfADiagnosis1763700000022 } from './0022-plans-of-a-diagnosis.js';

/** In order; a migration that was released is never changed. */
export const MIGRATIONS = [
  Schema1763700000001,
  Intake1763700000002,
  Budgets1763700000003,
  Search1763700000004,
  Learning1763700000005,
  Knowledge1763700000006,
  RunFacts1763700000007,
  Remediation1763700000008,
  Agents1763700000009,
  IntakePlans1763700000010,
  GithubApp1763700000011,
  IncidentCounts1763700000012,
  Analytics1763700000013,
  IntakeInGroups1763700000016,
  ConnectedAndReopened1763700000017,
  FailuresWithoutSuccessors1763700000018,
  FacetCounts1763700000019,
  OutdatedComments1763700000020,
  ListIndexes1763700000021,
  PlansOfADiagnosis1763700000022,
];
