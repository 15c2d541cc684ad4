import type { Detector } from './detector.js';

/** javac, kotlinc, scalac and sbt, groovyc, and what the virtual machine itself reports. */
export const jvm: Detector = {
  family: 'jvm',
  rules: [
    {
      id: 'javac.error',
      near: ['.java:'],
      and: ['error:'],
      pattern:
        /^(?:\[ERROR\] )?(?:\s{0,12}\[javac\] )?(?<file>(?:[A-Za-z]:)?[^\s:"'(]{1,400}\.java):(?<line>\d{1,7}): error: (?<message>.*)/,
      weight: 93,
      category: 'compile_error',
      subcategory: 'java',
      context: { before: 0, after: 4 },
    },
    {
      id: 'javac.maven',
      tool: 'javac',
      near: ['.java:[', '.kt:[', '.groovy:[', '.scala:['],
      pattern:
        /\[ERROR\] (?<file>(?:[A-Za-z]:)?[^\s:"'(]{1,400}\.(?:java|kt|groovy|scala)):\[(?<line>\d{1,7}),(?<column>\d{1,6})\] (?<message>.*)/,
      weight: 93,
      category: 'compile_error',
      subcategory: 'java',
      context: { before: 2, after: 4 },
    },
    {
      id: 'javac.werror',
      near: ['-werror specified', 'warnings found and -werror'],
      pattern: /(?<message>warnings found and -Werror specified)/,
      weight: 92,
      category: 'compile_error',
      subcategory: 'warnings_as_errors',
      context: { before: 6, after: 2 },
    },
    {
      id: 'javac.release',
      near: [
        'invalid target release',
        'invalid source release',
        'release version ',
        'is no longer supported',
      ],
      pattern:
        /(?<message>error: (?:invalid (?:target|source) release: .*|release version \S{1,10} not supported.*|Source option \S{1,6} is no longer supported.*))/,
      weight: 94,
      category: 'build_config',
      subcategory: 'java_version',
      suggestion:
        'Build with the Java version that the project targets (`java-version` of actions/setup-java).',
    },
    {
      id: 'kotlinc.error',
      near: ['e: file:///', 'e: /', 'e: c:', 'e: d:', 'e: ['],
      pattern:
        /^\s{0,4}e: (?:file:\/\/)?(?<file>(?:\/|[A-Za-z]:)[^:]{1,400}\.kts?):? ?\(?(?<line>\d{1,7})(?::|, )(?<column>\d{1,6})\)?:? (?<message>.*)/,
      weight: 93,
      category: 'compile_error',
      subcategory: 'kotlin',
      context: { before: 0, after: 2 },
    },
    {
      id: 'kotlinc.processor',
      near: ['e: [ksp]', 'e: [kapt]', 'e: error:', 'e: java.lang', 'e: org.jetbrains'],
      pattern: /^\s{0,4}e: (?<message>(?:\[k(?:sp|apt)\]|error:|java\.lang\.|org\.jetbrains\.).*)/,
      weight: 90,
      category: 'compile_error',
      subcategory: 'kotlin',
    },
    {
      id: 'kotlinc.maven',
      tool: 'kotlinc',
      near: ['.kt: (', '.kt:('],
      pattern:
        /\[ERROR\] (?:file:\/\/)?(?<file>(?:[A-Za-z]:)?[^\s:]{1,400}\.kt): ?[([](?<line>\d{1,7}), ?(?<column>\d{1,6})[)\]] (?<message>.*)/,
      weight: 93,
      category: 'compile_error',
      subcategory: 'kotlin',
    },
    {
      id: 'scalac.error',
      near: ['.scala:'],
      and: ['[error]', 'error:'],
      pattern:
        /^(?:\[error\] )?(?:-- (?:\[E\d{1,4}\] )?[\w ]{0,40}Error: )?(?<file>(?:[A-Za-z]:)?[^\s:]{1,400}\.scala):(?<line>\d{1,7}):(?:(?<column>\d{1,6}):?)?(?: error:)? ?(?<message>.*)/,
      weight: 93,
      category: 'compile_error',
      subcategory: 'scala',
    },
    {
      id: 'sbt.unresolved',
      near: ['error downloading', 'unresolved dependency', 'resolveexception'],
      pattern:
        /^\[error\] .{0,40}?(?<message>(?:Error downloading|unresolved dependency:|sbt\.librarymanagement\.ResolveException:).*)/,
      weight: 92,
      category: 'dependency',
      subcategory: 'unresolved',
    },
    {
      id: 'sbt.task-failed',
      near: ['[error] ('],
      pattern: /^\[error\] \((?<file>[^)]{1,200})\) (?<message>.*)/,
      weight: 46,
      category: null,
      context: { before: 6, after: 1 },
    },
    {
      id: 'groovyc.startup',
      near: ['startup failed:'],
      pattern: /^(?:> |\[ERROR\] )?startup failed:/,
      weight: 66,
      category: 'compile_error',
      subcategory: 'groovy',
      context: { before: 2, after: 8 },
      instead: [{ seen: ['gradle.script-compile'], category: 'build_config', subcategory: 'gradle_script' }],
    },
    {
      id: 'groovyc.error',
      near: ['.groovy: '],
      pattern: /^(?<file>[^\s:]{1,400}\.groovy): (?<line>\d{1,7}): (?<message>.*)/,
      weight: 92,
      category: 'compile_error',
      subcategory: 'groovy',
    },
    {
      id: 'jvm.out-of-memory',
      near: ['outofmemoryerror', 'heap space is exhausted', 'insufficient memory for the java'],
      pattern:
        /(?<message>java\.lang\.OutOfMemoryError: .*|(?:JVM|Daemon) heap space is exhausted.*|There is insufficient memory for the Java Runtime Environment.*|OutOfMemoryError: (?:Java heap|Metaspace|GC overhead).*)/,
      weight: 93,
      category: 'resource_limit',
      subcategory: 'jvm_heap',
      suggestion:
        'Give the JVM more heap (`-Xmx` in MAVEN_OPTS, `org.gradle.jvmargs`, or the forked test JVM).',
    },
    {
      id: 'jvm.class-version',
      near: ['unsupportedclassversionerror', 'unsupported class file major version'],
      pattern:
        /(?<message>(?:\S{0,20}UnsupportedClassVersionError: |Unsupported class file major version ).*)/,
      weight: 94,
      category: 'build_config',
      subcategory: 'java_version',
      suggestion: 'Run the build on the Java version its tools and dependencies were compiled for.',
    },
    {
      id: 'javac.class-version',
      near: ['class file has wrong version'],
      pattern: /^\s{1,12}(?<message>class file has wrong version .*)/,
      weight: 87,
      category: 'compile_error',
      subcategory: 'java_version',
      context: { before: 2, after: 1 },
      suggestion:
        'Compile with the Java version that the dependency was built for, or use an older release of it.',
    },
    {
      id: 'jvm.main-class',
      near: ['could not find or load main class', 'unable to access jarfile', 'java_home is'],
      pattern:
        /(?<message>Error: (?:Could not find or load main class|Unable to access jarfile) .*|(?:ERROR: )?JAVA_HOME is (?:not set|set to an invalid).*)/,
      weight: 91,
      category: 'build_config',
      subcategory: 'java_launch',
    },
    {
      id: 'jvm.crash',
      near: ['a fatal error has been detected by the java'],
      pattern: /(?<message>A fatal error has been detected by the Java Runtime Environment.*)/,
      weight: 88,
      category: 'test_failure',
      subcategory: 'crash',
      context: { before: 0, after: 8 },
    },
    {
      id: 'jvm.uncaught',
      near: ['exception in thread "'],
      pattern: /^Exception in thread "[^"]{1,100}" (?<message>.*)/,
      weight: 74,
      category: null,
      context: { before: 2, after: 6 },
    },
    {
      id: 'jvm.caused-by',
      near: ['caused by: '],
      pattern: /^(?:\[ERROR\] )?\s{0,8}Caused by: (?<code>[\w$.]{3,200})(?:: (?<message>.*))?/,
      weight: 62,
      category: null,
      context: { before: 0, after: 1 },
    },
    {
      id: 'jvm.suppressed',
      near: ['suppressed: '],
      pattern: /^\s{1,12}Suppressed: (?<code>[\w$.]{3,200})(?:: (?<message>.*))?/,
      weight: 61,
      category: null,
      context: { before: 0, after: 1 },
    },
  ],
};
