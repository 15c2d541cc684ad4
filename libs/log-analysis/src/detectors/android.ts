import type { Detector } from './detector.js';

/** Android builds: resources, manifest, dexing, SDK and signing. */
export const android: Detector = {
  family: 'android',
  rules: [
    {
      id: 'aapt.error',
      near: ['aapt: error', 'android resource linking failed', 'android resource compilation failed'],
      pattern:
        /(?<message>(?<!\S)(?:ERROR:\s?)?\S{0,400}: AAPT: error: .*|Android resource (?:linking|compilation) failed.*)/,
      weight: 92,
      category: 'compile_error',
      subcategory: 'android_resource',
    },
    {
      id: 'android.manifest',
      near: ['manifest merger failed'],
      pattern: /(?<message>Manifest merger failed.*)/,
      weight: 91,
      category: 'build_config',
      subcategory: 'android_manifest',
      context: { before: 3, after: 4 },
    },
    {
      id: 'android.duplicate-class',
      near: ['duplicate class '],
      pattern: /(?<message>Duplicate class (?<code>[\w.$]{2,200}) found in modules .*)/,
      weight: 93,
      category: 'dependency',
      subcategory: 'version_conflict',
    },
    {
      id: 'android.dexing',
      near: ['missing class ', 'cannot fit requested classes', 'd8: ', 'r8: '],
      pattern:
        /^\s{0,8}(?:ERROR: ?)?(?<message>(?:R8: |D8: )?Missing class [\w.$]{2,200}.*|(?:D8|R8): .*|Cannot fit requested classes in a single dex file.*)/,
      weight: 90,
      category: 'compile_error',
      subcategory: 'dex',
    },
    {
      id: 'android.sdk',
      near: [
        'sdk location not found',
        'licences have not been accepted',
        'licenses have not been accepted',
        'failed to find build tools',
        'failed to find platform sdk',
        'ndk not configured',
        'ndk at ',
        'failed to find target with hash',
      ],
      pattern:
        /(?<message>SDK location not found.*|licen[cs]es have not been accepted.*|Failed to (?:find Build Tools|find Platform SDK|find target with hash).*|NDK not configured.*|\[CXX1101\] NDK at .*)/,
      weight: 93,
      category: 'dependency',
      subcategory: 'android_sdk',
      suggestion: 'Install the missing SDK package with sdkmanager and accept its licence in the job.',
    },
    {
      id: 'android.aar-metadata',
      near: ['checkaarmetadata', 'aar metadata', 'to compile against version'],
      pattern:
        /(?<message>issues? (?:was|were) found when checking AAR metadata.*|requires libraries and applications that\b.*)/,
      weight: 92,
      category: 'build_config',
      subcategory: 'compile_sdk',
      context: { before: 1, after: 8 },
      suggestion: 'Raise compileSdk to the version that the library asks for.',
    },
    {
      id: 'android.signing',
      near: ['keystore file', 'failed to read key', 'keystore was tampered', 'no key with alias'],
      pattern:
        /(?<message>Keystore file .{1,400} not found.*|Failed to read key .*|[Kk]eystore was tampered with.*|No key with alias .*)/,
      weight: 93,
      category: 'auth_permission',
      subcategory: 'signing',
    },
    {
      id: 'android.jvm-target',
      near: ['jvm-target compatibility', 'cannot inline bytecode built with jvm target'],
      pattern:
        /(?<message>Inconsistent JVM-target compatibility.*|Cannot inline bytecode built with JVM target.*)/,
      weight: 93,
      category: 'build_config',
      subcategory: 'jvm_target_mismatch',
      suggestion:
        'Set one `jvmToolchain` (or equal `sourceCompatibility` and `jvmTarget`) for Java and Kotlin.',
    },
    {
      id: 'android.lint',
      near: [': error: '],
      pattern:
        /^(?<file>[^\s:]{1,400}\.(?:xml|kt|java|gradle|kts)):(?<line>\d{1,7}): Error: (?<message>.*\[(?<code>[A-Z]\w{3,60})\])$/,
      weight: 92,
      category: 'quality',
      subcategory: 'lint',
    },
    {
      id: 'android.instrumentation',
      near: [
        'test failed to run to completion',
        'no connected devices',
        'no online devices',
        'instrumentation run failed',
        'waiting for emulator to boot',
      ],
      pattern:
        /(?<message>Test failed to run to completion\. Reason: .*|DeviceException: No (?:connected|online) devices.*|Instrumentation run failed due to .*|Timeout waiting for emulator to boot.*)/,
      weight: 90,
      category: 'test_failure',
      subcategory: 'device',
    },
  ],
};
