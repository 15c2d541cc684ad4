import type { Detector } from './detector.js';

/** Gradle: scripts, plugins, dependency resolution, the daemon, and its quality plugins. */
export const gradle: Detector = {
  family: 'gradle',
  rules: [
    {
      id: 'gradle.what-went-wrong',
      near: ['* what went wrong:'],
      pattern: /^\* What went wrong:/,
      weight: 50,
      category: 'build_config',
      context: { before: 4, after: 5 },
    },
    {
      id: 'gradle.wrapper-message',
      near: [
        'execution failed for task',
        'a problem occurred ',
        'could not determine the dependencies',
        'could not resolve all ',
      ],
      pattern:
        /^(?<message>Execution failed for task '(?<code>[^']{1,200})'.*|A problem occurred (?:evaluating|configuring) .*|Could not determine the dependencies of task .*|Could not resolve all .*)/,
      weight: 54,
      category: null,
      context: { before: 1, after: 3 },
    },
    {
      id: 'gradle.delegated',
      near: [
        'compilation failed; see the',
        'compilation error. see log',
        'finished with non-zero exit value',
        'a failure occurred while executing',
        'failing tests',
      ],
      pattern:
        /^\s{0,12}> (?:Compilation failed; see the|Compilation error\. See log|Process 'command .{1,400} finished with non-zero exit value|A failure occurred while executing|There were failing tests|Internal compiler error)/,
      weight: 53,
      category: null,
      context: { before: 2, after: 2 },
      instead: [{ step: /\b(?:build|assemble|compile)/i, category: 'compile_error' }],
    },
    {
      id: 'gradle.cause',
      near: ['> '],
      pattern:
        /^\s{0,12}> (?!Task |Configure project|Run with|Get more|Compilation failed; see|Compilation error\.|Process 'command|A failure occurred while|There were failing tests|startup failed|Transform )(?<message>\S.{5,})/,
      follows: { tools: ['gradle'], lines: 6 },
      weight: 88,
      category: 'build_config',
      subcategory: 'gradle',
      context: { before: 3, after: 2 },
    },
    {
      id: 'gradle.not-found',
      near: ['could not find '],
      pattern:
        /^\s{0,12}> Could not find (?<message>(?<code>[\w.-]{1,200}:[\w.-]{1,200}:[\w.+-]{1,200})\.?.*)/,
      weight: 94,
      category: 'dependency',
      subcategory: 'artifact_not_found',
      context: { before: 3, after: 8 },
    },
    {
      id: 'gradle.download',
      near: ['could not get ', 'could not head ', 'could not download '],
      pattern:
        /^\s{0,16}> (?<message>Could not (?:GET|HEAD|download) .*(?:Received status code (?:4(?!01)|5)\d\d|(?:Connect|Read) timed out|Connection (?:reset|refused)|PKIX|SSL|No such host|Remote host).*)/,
      weight: 95,
      category: 'network',
      subcategory: 'registry_unreachable',
      context: { before: 3, after: 1 },
    },
    {
      id: 'gradle.download-plain',
      near: ['could not get ', 'could not head '],
      pattern: /^\s{0,16}> Could not (?:GET|HEAD) '(?<file>[^']{1,600})'\./,
      weight: 91,
      category: 'network',
      subcategory: 'registry_unreachable',
      context: { before: 2, after: 2 },
    },
    {
      id: 'gradle.unauthorized',
      near: ['received status code 401', 'username must not be null', 'authentication scheme'],
      pattern: /^\s{0,16}> (?<message>.{0,600}(?:Received status code 401|Username must not be null).*)/,
      weight: 96,
      category: 'auth_permission',
      subcategory: 'registry_auth',
      suggestion: 'Give the job credentials for the Maven repository it reads.',
    },
    {
      id: 'gradle.resolve',
      near: [
        'could not resolve ',
        'cannot resolve external dependency',
        'no matching variant of',
        'no matching configuration of',
        'dependency verification failed',
      ],
      pattern:
        /^\s{0,16}> (?<message>(?:Could not resolve (?!all)|Cannot resolve external dependency|No matching (?:variant|configuration) of|Dependency verification failed).*)/,
      weight: 89,
      category: 'dependency',
      subcategory: 'unresolved',
      context: { before: 2, after: 6 },
    },
    {
      id: 'gradle.plugin-not-found',
      near: ['was not found in any of the following sources'],
      pattern:
        /(?<message>Plugin \[id: '(?<code>[^']{1,200})'.*was not found in any of the following sources.*)/,
      weight: 94,
      category: 'build_config',
      subcategory: 'plugin_not_found',
      context: { before: 2, after: 6 },
    },
    {
      id: 'gradle.task-not-found',
      near: ['not found in root project', 'not found in project', 'is ambiguous in'],
      pattern:
        /^(?:> )?(?<message>(?:Cannot locate tasks that match .*|(?:Task|Project) (?:with (?:path|name) )?'[^']{1,200}' (?:not found in|is ambiguous in) .*))/,
      weight: 93,
      category: 'build_config',
      subcategory: 'task_not_found',
    },
    {
      id: 'gradle.script-compile',
      near: [
        'could not compile build file',
        'could not compile settings file',
        'could not compile script',
        'script compilation error',
      ],
      pattern:
        /^(?<message>Could not compile (?:build|settings|initialization|script).*|Script compilation errors?:)/,
      weight: 86,
      category: 'build_config',
      subcategory: 'gradle_script',
      context: { before: 3, after: 8 },
    },
    {
      id: 'gradle.script-error',
      near: ["build file '", "settings file '", '.gradle.kts'],
      pattern:
        /^\s{1,6}(?:(?:build|settings|script) file '(?<file>[^']{1,400})': (?<line>\d{1,7}): (?<message>.*)|Line (?:\d{1,7}): .*)/,
      weight: 93,
      category: 'build_config',
      subcategory: 'gradle_script',
      context: { before: 2, after: 6 },
    },
    {
      id: 'gradle.java-version',
      near: [
        'requires java',
        'incompatible java',
        'could not determine java version',
        'gradle requires jvm',
        'compatible with java',
        'cannot find a java installation',
        'no matching toolchains',
        'minimum supported gradle version',
        'no locally installed toolchains',
      ],
      pattern:
        /(?<message>(?:Android Gradle plugin requires Java \d|Gradle requires JVM \d|Could not determine java version|Your build is currently configured to use (?:incompatible )?Java|Cannot find a Java installation|No (?:matching|locally installed) toolchains|Minimum supported Gradle version is).*)/,
      weight: 95,
      category: 'build_config',
      subcategory: 'tool_version',
    },
    {
      id: 'gradle.daemon-gone',
      near: [
        'gradle build daemon disappeared',
        'daemon was stopped',
        'daemon has been stopped',
        'could not receive a message from the daemon',
      ],
      pattern:
        /(?<message>Gradle build daemon (?:disappeared unexpectedly|has been stopped).*|Could not receive a message from the daemon.*)/,
      weight: 78,
      category: 'resource_limit',
      subcategory: 'daemon_killed',
    },
    {
      id: 'gradle.wrapper-missing',
      near: ['gradlewrappermain', 'gradle-wrapper.jar'],
      pattern:
        /(?<message>.{0,60}(?:Could not find or load main class org\.gradle\.wrapper\.GradleWrapperMain|Unable to access jarfile .{0,200}gradle-wrapper\.jar).*)/,
      weight: 95,
      category: 'build_config',
      subcategory: 'gradle_wrapper',
      suggestion: 'Commit gradle/wrapper/gradle-wrapper.jar (a .gitignore rule for *.jar may keep it out).',
    },
    {
      id: 'gradle.not-executable',
      near: ['gradlew', 'mvnw'],
      and: ['permission denied'],
      pattern: /(?<file>\.?\/?(?:gradlew|mvnw))['"]?: Permission denied/i,
      weight: 95,
      category: 'workflow_config',
      subcategory: 'not_executable',
      suggestion: 'Run `git update-index --chmod=+x $<file>` and commit.',
    },
    {
      id: 'gradle.quality',
      near: [
        'rule violations were found',
        'rule violations',
        'lint found errors',
        'spotbugs ended with',
        'verification failed',
        'analysis failed with',
        'ktlint found',
        'code style violations',
      ],
      pattern:
        /^\s{0,8}>? ?(?<message>.{0,80}(?:rule violations? (?:were|was) found|Lint found (?:errors|\d{1,6} error)|SpotBugs ended with|Analysis failed with \d{1,6}|KtLint found code style violations).*)/i,
      weight: 90,
      category: 'quality',
      subcategory: 'static_analysis',
    },
    {
      id: 'ktlint.violation',
      near: ['.kt:', '.kts:'],
      and: ['(standard:', '(cannot be auto-corrected)', 'detekt'],
      pattern: /^(?<file>[^\s:]{1,400}\.kts?):(?<line>\d{1,7}):(?<column>\d{1,6}):? (?<message>.*)/,
      weight: 91,
      category: 'quality',
      subcategory: 'lint',
    },
    {
      id: 'gradle.build-failed',
      near: ['build failed'],
      pattern:
        /^(?:FAILURE: Build failed with an exception|BUILD FAILED in |FAILURE: Build completed with \d)/,
      weight: 22,
      category: null,
      context: { before: 1, after: 8 },
    },
  ],
};
