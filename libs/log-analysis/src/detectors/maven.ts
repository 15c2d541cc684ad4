import type { Detector } from './detector.js';

/** Maven: goals, dependency resolution, enforcer, POM errors, and its quality plugins. */
export const maven: Detector = {
  family: 'maven',
  rules: [
    {
      id: 'maven.compilation-header',
      near: ['compilation error'],
      pattern: /\[ERROR\] COMPILATION ERROR ?:/,
      weight: 59,
      category: 'compile_error',
      context: { before: 0, after: 4 },
    },
    {
      id: 'maven.not-found',
      near: [
        'could not find artifact',
        'was not found in http',
        'the following artifacts could not be resolved',
      ],
      pattern:
        /^.{0,60}?\[(?:ERROR|FATAL)\].{0,2000}?(?<message>Could not find artifact (?<code>[^\s:]{1,200}:[^\s]{1,200}).*|was not found in https?:.*|The following artifacts could not be resolved: .*)/,
      weight: 94,
      category: 'dependency',
      subcategory: 'artifact_not_found',
    },
    {
      id: 'maven.transfer',
      near: ['could not transfer artifact', 'failed to transfer '],
      pattern:
        /(?:\[(?:ERROR|FATAL)\]|from\/to).{0,2000}?(?<message>(?:transfer failed for|Connect(?:ion)? (?:timed out|to|refused|reset)|Read timed out|Connection reset|PKIX|Remote host terminated|UnknownHost|Unknown host|Temporary failure|Premature end|status(?: code)?:? (?:403|408|429|5\d\d)|(?:Bad Gateway|Service Unavailable|Too Many Requests|Gateway Time)).*)/i,
      weight: 95,
      category: 'network',
      subcategory: 'registry_unreachable',
    },
    {
      id: 'maven.unauthorized',
      near: [
        'not authorized',
        'status: 401',
        'status code: 401',
        '401 unauthorized',
        'status: 403',
        'status code: 403',
      ],
      pattern:
        /(?:\[ERROR\]|Could not transfer).{0,2000}?(?:Not authorized|status(?: code)?: 401|401 Unauthorized|maven\.pkg\.github\.com.{0,300}403)/i,
      weight: 96,
      category: 'auth_permission',
      subcategory: 'registry_auth',
      suggestion:
        'Give the job credentials for the Maven repository (`server-id` of actions/setup-java and its secrets).',
    },
    {
      id: 'maven.blocked',
      near: ['blocked mirror for repositories', 'maven-default-http-blocker'],
      pattern:
        /\[ERROR\].{0,2000}?(?<message>Blocked mirror for repositories.*|maven-default-http-blocker.*)/,
      weight: 96,
      category: 'build_config',
      subcategory: 'http_repository',
      suggestion: 'Use the https address of the repository: Maven blocks plain http.',
    },
    {
      id: 'maven.resolution',
      near: [
        'could not resolve dependencies',
        'failed to collect dependencies',
        'failed to read artifact descriptor',
        'or one of its dependencies could not be resolved',
      ],
      pattern:
        /\[ERROR\].{0,600}?(?<message>(?:Could not resolve dependencies for|Failed to collect dependencies at|Failed to read artifact descriptor for|Plugin \S{1,200} or one of its dependencies could not be resolved).*)/,
      weight: 90,
      category: 'dependency',
      subcategory: 'unresolved',
    },
    {
      id: 'enforcer.rule',
      near: ['[error] rule ', 'enforcer.rules.', 'failed while enforcing'],
      pattern:
        /\[ERROR\] (?<message>Rule \d{1,3}: (?<code>[\w.$]{1,200}) failed with message:.*|Failed while enforcing .*)/,
      weight: 93,
      category: 'dependency',
      subcategory: 'enforcer_rule',
      context: { before: 1, after: 6 },
    },
    {
      id: 'enforcer.version',
      near: ['detected jdk', 'detected maven version', 'requirejavaversion', 'requiremavenversion'],
      pattern:
        /(?<message>Detected (?:JDK|Maven) [Vv]ersion:? .{1,200}(?:not in the allowed range|is not allowed).*|Rule \d{1,3}: \S{0,100}Require(?:Java|Maven)Version failed.*)/,
      weight: 95,
      category: 'build_config',
      subcategory: 'tool_version',
      suggestion: 'Install the Java or Maven version that the enforcer rule asks for.',
    },
    {
      id: 'enforcer.convergence',
      near: ['dependency convergence error', 'upper bound dependencies error', 'found banned dependency'],
      pattern:
        /(?<message>(?:Dependency convergence error for|Require upper bound dependencies error for|Found Banned Dependency:) .*)/,
      weight: 92,
      category: 'dependency',
      subcategory: 'version_conflict',
      context: { before: 1, after: 10 },
    },
    {
      id: 'dependency-lock.differ',
      near: ['the following dependencies differ', 'missing dependencies:'],
      pattern: /\[ERROR\] (?<message>The following dependencies differ:.*|Missing dependencies:.*)/,
      weight: 92,
      category: 'dependency',
      subcategory: 'lock_mismatch',
      context: { before: 0, after: 8 },
      suggestion: 'Write the dependency lock file anew and commit it.',
    },
    {
      id: 'maven-dependency.analyze',
      near: ['dependency problems found', 'used undeclared dependencies', 'unused declared dependencies'],
      pattern:
        /\[ERROR\].{0,400}?(?<message>Dependency problems found.*|(?:Used un|Unused )declared dependencies found.*)/i,
      weight: 90,
      category: 'quality',
      subcategory: 'dependency_analysis',
    },
    {
      id: 'maven.pom',
      near: [
        'non-parseable pom',
        'non-resolvable parent pom',
        'non-resolvable import pom',
        "'dependencies.dependency.version'",
        'malformed pom',
        'unresolveable build extension',
        'unknown packaging',
      ],
      pattern:
        /\[(?:ERROR|FATAL)\].{0,400}?(?<message>(?:Non-parseable POM|Non-resolvable (?:parent|import) POM|Malformed POM|'dependencies\.dependency\.version'|Unresolveable build extension|Unknown packaging).*)/,
      weight: 92,
      category: 'build_config',
      subcategory: 'pom',
    },
    {
      id: 'maven.no-pom',
      near: ['there is no pom in this directory', 'the goal you specified requires a project'],
      pattern: /(?<message>The goal you specified requires a project to execute but there is no POM.*)/,
      weight: 93,
      category: 'workflow_config',
      subcategory: 'working_directory',
      suggestion: 'Run Maven in the directory of the pom.xml (`working-directory`, or `mvn -f PATH`).',
    },
    {
      id: 'maven.unknown-goal',
      near: [
        'unknown lifecycle phase',
        'no plugin found for prefix',
        'could not find goal',
        'could not find the selected project',
        'the requested profile',
      ],
      pattern:
        /\[ERROR\].{0,100}?(?<message>(?:Unknown lifecycle phase|No plugin found for prefix|Could not find goal|Could not find the selected project).*)/,
      weight: 93,
      category: 'build_config',
      subcategory: 'goal_not_found',
    },
    {
      id: 'checkstyle.maven',
      tool: 'checkstyle',
      near: ['.java:'],
      and: ['[error]', '[warn]'],
      pattern:
        /^(?:\[ant:checkstyle\] )?\[(?:ERROR|WARN)\] (?<file>(?:[A-Za-z]:)?[^\s:]{1,400}\.java):(?:\[(?<line>\d{1,7})(?:,\d{1,6})?\] \([a-z]{2,20}\) (?<code>\w{3,60}): |\d{1,7}(?::\d{1,6})?: (?=.{1,600}\[\w{3,60}\]$))(?<message>.*)/,
      weight: 94,
      category: 'quality',
      subcategory: 'checkstyle',
      context: { before: 0, after: 1 },
    },
    {
      id: 'spotbugs.bug',
      near: ['[error] high: ', '[error] medium: ', '[error] low: '],
      pattern:
        /\[ERROR\] (?:High|Medium|Low): (?<message>.{1,600}?) (?:\[[^\]]{1,300}\] )?.{0,200}(?<code>[A-Z]{2,}_[A-Z_]{3,80})/,
      weight: 93,
      category: 'quality',
      subcategory: 'static_analysis',
    },
    {
      id: 'spotless.maven',
      tool: 'spotless',
      near: ['had format violations', 'spotless:apply', 'non-complying file', 'spotlessapply'],
      pattern: /(?<message>The following files had format violations:.*|Found \d{1,6} non-complying files.*)/,
      weight: 94,
      category: 'quality',
      subcategory: 'format',
      context: { before: 1, after: 10 },
      suggestion: 'Run `mvn spotless:apply` or `./gradlew spotlessApply` and commit the result.',
    },
    {
      id: 'maven.goal-quality',
      near: ['failed to execute goal'],
      pattern:
        /Failed to execute goal \S{0,120}?(?<code>(?:checkstyle|pmd|findbugs|spotbugs|spotless|fmt|formatter|jacoco|license|animal-sniffer|apache-rat|rat|revapi|japicmp|clirr|sonar|error-?prone|impsort|sortpom|forbiddenapis|modernizer|ktlint|detekt|dependency-check|cobertura|pitest)(?:-maven)?(?:-plugin)?:.{1,400}?): (?<message>.*)/,
      weight: 88,
      category: 'quality',
      subcategory: 'static_analysis',
    },
    {
      id: 'maven.goal-compile',
      near: ['failed to execute goal'],
      pattern:
        /Failed to execute goal \S{0,120}?(?:compiler|kotlin-maven|scala-maven|gmavenplus|javadoc)[\w-]{0,30}:/,
      weight: 70,
      category: 'compile_error',
    },
    {
      id: 'maven.goal-test',
      near: ['failed to execute goal'],
      pattern: /Failed to execute goal \S{0,120}?(?:surefire|failsafe|scalatest|invoker)[\w-]{0,30}:/,
      weight: 70,
      category: 'test_failure',
    },
    {
      id: 'maven.goal-deploy',
      near: ['failed to execute goal'],
      pattern:
        /Failed to execute goal \S{0,120}?(?:deploy|nexus-staging|central-publishing|release|gpg|jib|docker|sentry)[\w-]{0,30}:.{1,300}?: (?<message>.*)/,
      weight: 74,
      category: 'runtime_deploy',
      subcategory: 'publish',
    },
    {
      id: 'maven.goal',
      near: ['failed to execute goal'],
      pattern: /Failed to execute goal (?<code>\S{1,200}) .{0,300}?on project \S{1,200}: ?(?<message>.*)/,
      unless:
        /goal \S{0,120}?(?:compiler|kotlin-maven|scala-maven|gmavenplus|javadoc|surefire|failsafe|scalatest|invoker)/,
      weight: 70,
      category: 'build_config',
      context: { before: 2, after: 2 },
      instead: [{ seen: ['enforcer.rule', 'enforcer.convergence'], category: 'dependency' }],
    },
    {
      id: 'maven.build-failure',
      near: ['build failure', 'build error'],
      pattern: /\[(?:INFO|ERROR)\] BUILD (?:FAILURE|ERROR)$/,
      weight: 20,
      category: null,
      context: { before: 0, after: 0 },
    },
  ],
};
